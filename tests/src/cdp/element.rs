//! Finding what a person sees. A selector is CSS, or CSS and a text: `button >> Publish`.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::input::Point;
use super::page::Page;

/// How often something that moves is aimed at.
const AIMS: usize = 20;

/// Finds the first visible match; with a text, one whose text is exactly that is preferred to one that contains it.
const FIND: &str = r"((selector) => {
    const [css, text] = selector.split(' >> ');
    const shown = [...document.querySelectorAll(css)].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== 'hidden';
    });
    if (text === undefined) return shown[0];
    const says = (element) => (element.innerText ?? element.textContent ?? '').trim();
    return shown.find((element) => says(element) === text) ?? shown.find((element) => says(element).includes(text));
})";

/// The centre of an element, once it is in view and nothing lies over it.
const CENTRE: &str = r"((element) => {
    if (!element) return null;
    const inside = (box) => box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    const reach = () => {
        const box = element.getBoundingClientRect();
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const hit = inside(box) && document.elementFromPoint(x, y);
        const own = hit && (element.contains(hit) || hit.contains(element) || hit.closest('label')?.control === element);
        return own ? [x, y] : null;
    };
    const there = reach();
    if (there) return there;
    // It is out of view, or below a bar that stays where it is.
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    return reach();
})";

impl Page {
    /// Waits until something visible matches.
    pub async fn wait_for(&self, selector: &str) -> Result<()> {
        let condition = format!("Boolean({FIND}({}))", json!(selector));
        self.wait_until(&format!("`{selector}` is shown"), &condition).await
    }

    /// Waits until nothing visible matches.
    pub async fn wait_until_gone(&self, selector: &str) -> Result<()> {
        let condition = format!("!{FIND}({})", json!(selector));
        self.wait_until(&format!("`{selector}` has gone"), &condition).await
    }

    /// Whether something visible matches right now.
    pub async fn shows(&self, selector: &str) -> Result<bool> {
        Ok(self.evaluate(&format!("Boolean({FIND}({}))", json!(selector))).await?
            == Value::Bool(true))
    }

    /// The text of the first match, as it is shown.
    pub async fn text(&self, selector: &str) -> Result<String> {
        self.wait_for(selector).await?;
        let expression = format!(
            "(e => (e?.innerText ?? e?.textContent ?? '').trim())({FIND}({}))",
            json!(selector)
        );
        Ok(self.evaluate(&expression).await?.as_str().unwrap_or_default().to_owned())
    }

    /// What a field holds.
    pub async fn value(&self, selector: &str) -> Result<String> {
        self.wait_for(selector).await?;
        let value = self.evaluate(&format!("{FIND}({})?.value", json!(selector))).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute of the first match, if it has it.
    pub async fn attribute(&self, selector: &str, name: &str) -> Result<Option<String>> {
        self.wait_for(selector).await?;
        let expression = format!("{FIND}({})?.getAttribute({})", json!(selector), json!(name));
        Ok(self.evaluate(&expression).await?.as_str().map(str::to_owned))
    }

    /// How many elements match, visible or not.
    pub async fn count(&self, css: &str) -> Result<u64> {
        let count =
            self.evaluate(&format!("document.querySelectorAll({}).length", json!(css))).await?;
        count.as_u64().context("a length is a number")
    }

    /// Waits until something matches, is in view, rests, and has nothing over it; gives its centre.
    pub async fn centre(&self, selector: &str) -> Result<Point> {
        // Looking twice, a frame apart, keeps us from aiming at what still moves.
        let expression = format!(
            "(async () => {{ const look = () => {CENTRE}({FIND}({})); const first = look(); \
             await new Promise((done) => setTimeout(done, 30)); const second = look(); \
             return first && second && first[0] === second[0] && first[1] === second[1] ? second : null; }})()",
            json!(selector)
        );
        let condition = format!("{expression}.then(Boolean)");
        // What moves away while it is aimed at, as below a message that goes, is aimed at again.
        for _ in 0..AIMS {
            self.wait_until(&format!("`{selector}` can be reached by a pointer"), &condition)
                .await?;
            let centre = self.evaluate(&expression).await?;
            if let (Some(x), Some(y)) = (centre[0].as_f64(), centre[1].as_f64()) {
                return Ok(Point { x, y });
            }
        }
        Err(self.failure(&format!("`{selector}` moved away whenever it was aimed at")).await)
    }
}
