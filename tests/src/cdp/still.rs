//! A page that is held still for its picture: nothing in it moves, blinks or goes by itself, and no clock has left a trace.

use anyhow::Result;
use serde_json::json;

use super::input::Point;
use super::page::Page;

/// Styles that leave something out of the picture of that name, in both its colours, each with its reason.
const LEFT_OUT: [(&str, &str); 2] = [
    // How far the page behind the dialog was scrolled depends on the lines its promise took, and so on the day.
    ("cancel-promise-phone", BEHIND),
    ("pause-phone", BEHIND),
];

/// Leaves out what lies behind an open dialog.
const BEHIND: &str =
    "body { visibility: hidden !important; } dialog[open] { visibility: visible !important; }";

/// Holds the page, with a style for this picture alone. A sheet that is made in the page is no style the page's policy would forbid. Moments
/// and lengths of time are told as if it were always the same day: with other digits a line would break elsewhere.
const HOLD: &str = r"((style) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        *, ::before, ::after, ::backdrop { animation: none !important; transition: none !important; caret-color: transparent !important; }
        .toasts { visibility: hidden !important; }
        ${style}
    `);
    document.adoptedStyleSheets.push(sheet);
    const timeless = (text) => text
        .replace(/\d{1,2}\/\d{1,2}\/\d{4}, \d{1,2}:\d{2}:\d{2}\s[AP]M/g, '12/2/2026, 10:24:00 AM')
        .replace(/((under )?\d+ (days?|h|min|s)( \d+ (h|min))?|under a minute)\b/g, '4 days 18 h')
        .replace(/just now/g, '4 days 18 h ago');
    // What has the focus stays where it is, as it would be if the page had said so from the beginning.
    const [focus, scrolled] = [document.activeElement ?? document.body, scrollY];
    const top = () => focus.getBoundingClientRect().top;
    const [before, held] = [top(), []];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const [text, was] = [texts.currentNode, texts.currentNode.data];
        const told = timeless(was);
        if (told === was) continue;
        text.data = told;
        held.push([text, was, told]);
    }
    if (focus !== document.body) scrollBy({ top: top() - before, behavior: 'instant' });
    window.waymarkLetGo = () => {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
        for (const [text, was, told] of held) if (text.data === told) text.data = was;
        scrollTo({ top: scrolled, behavior: 'instant' });
    };
})";

impl Page {
    /// Holds the page still for the picture of that name.
    pub(super) async fn hold_for(&self, name: &str) -> Result<()> {
        let name = name.strip_suffix("-dark").unwrap_or(name);
        let left_out = LEFT_OUT.iter().find(|(picture, _)| *picture == name);
        let style = left_out.map_or("", |(_, style)| *style);
        self.evaluate(&format!("{HOLD}({})", json!(style))).await?;
        // Where a finger has been, the browser goes on thinking that a pointer is over it.
        if self.evaluate("navigator.maxTouchPoints > 0").await? == true {
            self.point_at(Point { x: -1.0, y: -1.0 }).await?;
        }
        Ok(())
    }

    /// Lets the page go again, if it is still the same.
    pub(super) async fn let_go(&self) -> Result<()> {
        self.evaluate("window.waymarkLetGo?.()").await.map(drop)
    }
}
