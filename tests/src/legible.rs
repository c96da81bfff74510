//! Whether what a page says can be read: the contrast of every text with what is behind it, as WCAG 2.2 counts it.

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::cdp::Page;

/// Every text that is too faint, with its ratio. Pixels are asked for, so that any way to write a colour is understood.
/// What is disabled, faded on purpose or behind an open dialog is left out, as are texts that are drawn.
const FAINT: &str = r"(() => {
    const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const seen = (colours) => {
        pen.clearRect(0, 0, 1, 1);
        for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
        return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
    };
    const light = (colours) => {
        const [red, green, blue] = seen(colours).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const around = (element) => {
        const all = [];
        for (let one = element; one; one = one.parentElement) all.unshift(getComputedStyle(one));
        return all;
    };
    const judge = (element, style, text) => {
        const all = around(element);
        if (all.some((one) => Number(one.opacity) < 1)) return [];
        const behind = ['white', ...all.map((one) => one.backgroundColor)];
        const [one, other] = [light([...behind, style.color]), light(behind)];
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        return ratio < (large ? 3 : 4.5) ? [`${text.trim().slice(0, 40)}: ${ratio.toFixed(2)}`] : [];
    };
    const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
        && !element.closest(':disabled, .unseen, .skip, svg');
    const root = document.querySelector('dialog[open]') ?? document.body;
    const faint = [];
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (texts.currentNode.data.trim() && shown(element)) faint.push(...judge(element, getComputedStyle(element), texts.currentNode.data));
    }
    for (const field of root.querySelectorAll('[placeholder]')) {
        if (shown(field)) faint.push(...judge(field, getComputedStyle(field, '::placeholder'), field.placeholder));
    }
    return [...new Set(faint)];
})()";

/// Fails if some text of the page is too faint for what is behind it.
pub async fn must_be_legible(page: &Page) -> Result<()> {
    let faint = page.evaluate(FAINT).await?;
    let url = page.url().await?;
    ensure!(faint == Value::Array(Vec::new()), "{url} has texts that are too faint: {faint:#}");
    Ok(())
}
