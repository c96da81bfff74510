//! A person at the canvas of a journey: everything is done with the pointer and the keyboard, as people do it.

use anyhow::{Context, Result};

use crate::cdp::{Modifiers, Page, Point};

/// How many movements a drag is made of.
const STEPS: u32 = 14;

/// The canvas on a page that shows a journey.
#[derive(Clone, Copy)]
pub struct Canvas<'a> {
    page: &'a Page,
}

impl<'a> Canvas<'a> {
    /// The canvas of the journey that `page` shows.
    pub async fn on(page: &'a Page) -> Result<Self> {
        page.wait_for("[data-canvas=stage]").await?;
        Ok(Self { page })
    }

    /// Drags a kind from the palette to a place on the stage, in pixels from its corner.
    pub async fn place(&self, kind: &str, right: f64, down: f64) -> Result<()> {
        let before = self.page.count("[data-node]").await?;
        let at = self.corner().await?.moved(right, down);
        self.page.drag_to(&format!("[data-palette={kind}]"), at, STEPS).await?;
        let condition =
            format!("document.querySelectorAll('[data-node]').length === {}", before + 1);
        self.page.wait_until(&format!("the {kind} is drawn"), &condition).await
    }

    /// Draws an edge from a port (`NODE:PORT`) to a node's input.
    pub async fn connect(&self, port: &str, to: &str) -> Result<()> {
        let before = self.page.count("[data-edge] .jc-edge-line").await?;
        let (port, input) = (format!("[data-port='{port}']"), format!("[data-input='{to}']"));
        self.page.drag(&port, &input, STEPS).await?;
        let condition = format!(
            "document.querySelectorAll('[data-edge] .jc-edge-line').length === {}",
            before + 1
        );
        self.page.wait_until(&format!("an edge leads to {to}"), &condition).await
    }

    /// Clicks a card and waits for its settings.
    pub async fn choose(&self, node: &str) -> Result<()> {
        self.page.click(&format!("[data-node='{node}'] .jc-name")).await?;
        self.page.wait_for(&format!("[data-inspector='{node}']")).await
    }

    /// Types over a field of the settings on show.
    pub async fn write(&self, field: &str, text: &str) -> Result<()> {
        self.page.fill(&field_selector(field), text).await
    }

    /// Chooses from a list of the settings on show.
    pub async fn pick(&self, field: &str, words: &str) -> Result<()> {
        self.page.choose(&field_selector(field), words).await
    }

    /// Presses a key with the canvas in focus.
    pub async fn press(&self, key: &str, modifiers: Modifiers) -> Result<()> {
        let is_focused = "document.activeElement?.matches('[data-canvas=stage]') ?? false";
        if self.page.evaluate(is_focused).await? != true {
            self.page.click_at(self.corner().await?.moved(20.0, 320.0)).await?;
        }
        self.page.press(key, modifiers).await
    }

    /// How many problems the toolbar counts.
    pub async fn problems(&self) -> Result<u64> {
        let count = self.page.attribute("[data-problems-count]", "data-problems-count").await?;
        count.context("the toolbar counts problems")?.parse().context("a count")
    }

    /// Waits until the toolbar counts that many problems.
    pub async fn wait_for_problems(&self, count: u64) -> Result<()> {
        self.page.wait_for(&format!("[data-problems-count='{count}']")).await
    }

    /// Waits until keys go to the canvas.
    pub async fn must_have_the_keyboard(&self) -> Result<()> {
        let has = "document.activeElement.matches('[data-canvas=stage]')";
        self.page.wait_until("the canvas has the keyboard", has).await
    }

    /// Waits until everything drawn is saved.
    pub async fn wait_until_saved(&self) -> Result<()> {
        self.page.wait_for("[data-save][data-state=saved]").await
    }

    /// Where a card is on the screen.
    pub async fn place_of(&self, node: &str) -> Result<Point> {
        let look = format!(
            "(box => [box.left, box.top])(document.querySelector(\"[data-node='{node}']\").getBoundingClientRect())"
        );
        self.point(&look).await
    }

    /// The stage's left upper corner on the screen.
    pub async fn corner(&self) -> Result<Point> {
        self.point("(box => [box.left, box.top])(document.querySelector('[data-canvas=stage]').getBoundingClientRect())").await
    }

    async fn point(&self, look: &str) -> Result<Point> {
        let place = self.page.evaluate(look).await?;
        let coordinate = |index: usize| place[index].as_f64().context("a place has coordinates");
        Ok(Point { x: coordinate(0)?, y: coordinate(1)? })
    }
}

fn field_selector(field: &str) -> String {
    format!("[data-field='{field}']")
}
