//! Hands: pointer, fingers and keys, as the operating system would deliver them.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::keys::{Key, Modifiers};
use super::page::Page;

/// The time between two movements of the pointer: one frame.
const FRAME: Duration = Duration::from_millis(16);

/// A place on the page, in CSS pixels from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

impl Point {
    /// This place, moved to the right and down.
    #[must_use]
    pub fn moved(self, right: f64, down: f64) -> Self {
        Self { x: self.x + right, y: self.y + down }
    }
}

impl Page {
    /// Clicks the centre of the first match.
    pub async fn click(&self, selector: &str) -> Result<()> {
        let centre = self.centre(selector).await?;
        self.click_at(centre).await
    }

    /// Clicks the centre of the first match, holding `modifiers`.
    pub async fn click_with(&self, selector: &str, modifiers: Modifiers) -> Result<()> {
        let centre = self.centre(selector).await?;
        let held = |buttons: u32| json!({ "button": "left", "buttons": buttons, "clickCount": 1, "modifiers": modifiers.bits() });
        self.point_at(centre).await?;
        self.mouse("mousePressed", centre, held(1)).await?;
        self.mouse("mouseReleased", centre, held(0)).await
    }

    /// Clicks a place.
    pub async fn click_at(&self, at: Point) -> Result<()> {
        self.point_at(at).await?;
        self.press_and_release(at, 1).await
    }

    /// Clicks a place twice, quickly.
    pub async fn double_click_at(&self, at: Point) -> Result<()> {
        self.point_at(at).await?;
        self.press_and_release(at, 1).await?;
        self.press_and_release(at, 2).await
    }

    /// Moves the pointer over the centre of the first match.
    pub async fn hover(&self, selector: &str) -> Result<()> {
        let centre = self.centre(selector).await?;
        self.point_at(centre).await
    }

    /// Moves the pointer to a place.
    pub async fn point_at(&self, at: Point) -> Result<()> {
        self.mouse("mouseMoved", at, json!({})).await
    }

    /// Drags from the centre of one match to the centre of another.
    pub async fn drag(&self, from: &str, to: &str, steps: u32) -> Result<()> {
        let (from, to) = (self.centre(from).await?, self.centre(to).await?);
        self.drag_between(from, to, steps).await
    }

    /// Drags from the centre of a match to a place.
    pub async fn drag_to(&self, from: &str, to: Point, steps: u32) -> Result<()> {
        let from = self.centre(from).await?;
        self.drag_between(from, to, steps).await
    }

    /// Presses at one place, moves in steps of a frame each, and lets go at another.
    pub async fn drag_between(&self, from: Point, to: Point, steps: u32) -> Result<()> {
        self.press_at(from).await?;
        let steps = steps.max(2);
        for step in 1..=steps {
            let part = f64::from(step) / f64::from(steps);
            self.move_held(from.moved((to.x - from.x) * part, (to.y - from.y) * part)).await?;
            sleep(FRAME).await;
        }
        self.release_at(to).await
    }

    /// Presses the left button at a place and holds it.
    pub async fn press_at(&self, at: Point) -> Result<()> {
        self.point_at(at).await?;
        let pressed = json!({ "button": "left", "buttons": 1, "clickCount": 1 });
        self.mouse("mousePressed", at, pressed).await
    }

    /// Moves the pointer while its left button is held.
    pub async fn move_held(&self, at: Point) -> Result<()> {
        self.mouse("mouseMoved", at, json!({ "button": "left", "buttons": 1 })).await
    }

    /// Lets go of the left button at a place.
    pub async fn release_at(&self, at: Point) -> Result<()> {
        let released = json!({ "button": "left", "buttons": 0, "clickCount": 1 });
        self.mouse("mouseReleased", at, released).await
    }

    /// Turns the wheel over a place; down is positive.
    pub async fn wheel(&self, at: Point, down: f64) -> Result<()> {
        self.mouse("mouseWheel", at, json!({ "deltaX": 0, "deltaY": down })).await
    }

    /// Taps the centre of the first match with a finger.
    pub async fn tap(&self, selector: &str) -> Result<()> {
        let centre = self.centre(selector).await?;
        self.touch("touchStart", &[centre]).await?;
        self.touch("touchEnd", &[]).await
    }

    /// Moves a finger over the screen, as for scrolling.
    pub async fn swipe(&self, from: Point, to: Point, steps: u32) -> Result<()> {
        self.touch("touchStart", &[from]).await?;
        let steps = steps.max(2);
        for step in 1..=steps {
            let part = f64::from(step) / f64::from(steps);
            self.touch("touchMove", &[from.moved((to.x - from.x) * part, (to.y - from.y) * part)])
                .await?;
            sleep(FRAME).await;
        }
        self.touch("touchEnd", &[]).await
    }

    /// Types into whatever has the focus, key by key.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        for character in text.chars() {
            self.stroke(&Key::of(character), Modifiers::NONE).await?;
        }
        Ok(())
    }

    /// Clicks a field, selects what it holds, and types over it.
    pub async fn fill(&self, selector: &str, text: &str) -> Result<()> {
        self.click(selector).await?;
        self.press("a", Modifiers::CONTROL).await?;
        if text.is_empty() {
            return self.press("Delete", Modifiers::NONE).await;
        }
        self.type_text(text).await
    }

    /// Opens a list of choices, types the beginning of one, and takes it.
    pub async fn choose(&self, selector: &str, words: &str) -> Result<()> {
        self.click(selector).await?;
        self.type_text(words).await?;
        self.press("Enter", Modifiers::NONE).await?;
        let chosen = format!(
            "(list => list?.selectedOptions?.[0]?.text ?? '')(document.querySelector({})).startsWith({})",
            json!(selector),
            json!(words)
        );
        self.wait_until(&format!("`{words}` is chosen in `{selector}`"), &chosen).await
    }

    /// Taps a field and types into it.
    pub async fn tap_and_type(&self, selector: &str, text: &str) -> Result<()> {
        self.tap(selector).await?;
        self.type_text(text).await
    }

    /// Presses and releases a key by its name (`Enter`, `Tab`, `ArrowDown`, `z`), holding `modifiers`.
    pub async fn press(&self, key: &str, modifiers: Modifiers) -> Result<()> {
        self.stroke(&Key::named(key)?, modifiers).await
    }

    async fn stroke(&self, key: &Key, modifiers: Modifiers) -> Result<()> {
        self.session.call("Input.dispatchKeyEvent", key.down(modifiers)).await?;
        self.session.call("Input.dispatchKeyEvent", key.up(modifiers)).await?;
        Ok(())
    }

    async fn press_and_release(&self, at: Point, count: u32) -> Result<()> {
        self.mouse(
            "mousePressed",
            at,
            json!({ "button": "left", "buttons": 1, "clickCount": count }),
        )
        .await?;
        self.mouse(
            "mouseReleased",
            at,
            json!({ "button": "left", "buttons": 0, "clickCount": count }),
        )
        .await
    }

    async fn mouse(&self, kind: &str, at: Point, mut event: Value) -> Result<()> {
        event["type"] = json!(kind);
        (event["x"], event["y"]) = (json!(at.x), json!(at.y));
        self.session.call("Input.dispatchMouseEvent", event).await?;
        Ok(())
    }

    async fn touch(&self, kind: &str, at: &[Point]) -> Result<()> {
        let points: Vec<Value> =
            at.iter().map(|point| json!({ "x": point.x, "y": point.y })).collect();
        self.session
            .call("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points }))
            .await?;
        Ok(())
    }
}
