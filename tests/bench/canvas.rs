//! What a large drawing costs the browser for each frame, from its own trace: dragging, panning and zooming 1,000 nodes with 1,500 edges.

use anyhow::{Context, Result};
use tests::canvas::Canvas;
use tests::cdp::{Browser, Busy, Modifiers, Page, Point};
use tests::server::Server;

use crate::browser::drawing;
use crate::drafts::thousand;
use crate::figure::{Figure, Report};

const PART: &str = "canvas";
/// Frames of each round of each gesture.
const FRAMES: u32 = 60;
const NEXT_FRAME: &str = "new Promise(done => requestAnimationFrame(done))";

/// A point of a card's head: of an element of its own, or, from far away, of the shape that all cards of a kind are.
const CARD: &str = "(() => {
    const boxes = [...document.querySelectorAll('[data-node]')].map(card => card.getBoundingClientRect());
    const box = boxes.find(box => box.left > 500 && box.top > 200);
    if (box) return [box.left + box.width / 2, box.top + 20];
    const shape = document.querySelector('.jc-far-cards[data-kind=set]');
    const corners = [...shape.getAttribute('d').matchAll(/M(-?\\d+) (-?\\d+)/g)];
    const [, x, y] = corners[Math.floor(corners.length / 2)];
    const at = new DOMPoint(+x + 110, +y + 30).matrixTransform(shape.getScreenCTM());
    return [at.x, at.y];
})()";

/// What is done to the drawing.
#[derive(Clone, Copy)]
enum Gesture {
    Drag,
    Pan,
    Zoom,
}

impl Gesture {
    const ALL: [Self; 3] = [Self::Drag, Self::Pan, Self::Zoom];

    fn name(self) -> &'static str {
        match self {
            Self::Drag => "dragging a node",
            Self::Pan => "panning",
            Self::Zoom => "zooming",
        }
    }
}

/// Measures each gesture where cards can be read and with everything in view.
pub(crate) async fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    let (server, browser, draft) = (Server::start().await?, Browser::launch().await?, thousand()?);
    let size = format!("{} nodes and {} edges", draft.nodes.len(), draft.edges.len());
    let page = drawing(&server, &browser, &draft).await?;
    let canvas = Canvas::on(&page).await?;
    page.wait_for("[data-node]").await?;
    for (key, seen) in [("0", "at actual size"), ("1", "with everything in view")] {
        canvas.press(key, Modifiers::NONE).await?;
        page.evaluate(NEXT_FRAME).await?;
        for gesture in Gesture::ALL {
            let (mut main, mut script) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                let busy = traced(&page, gesture).await?;
                main.push(busy.main / f64::from(FRAMES));
                script.push(busy.script / f64::from(FRAMES));
            }
            let name = |what: &str| format!("{what}, {} {seen}, {size}", gesture.name());
            report.add(Figure::new(PART, name("main thread per frame"), "ms", main).at_most(8.0));
            report.add(Figure::new(PART, name("script per frame"), "ms", script).at_most(2.0));
        }
    }
    Ok(())
}

/// One round of a gesture, a frame after the other.
async fn traced(page: &Page, gesture: Gesture) -> Result<Busy> {
    let card = page.evaluate(CARD).await?;
    let at = |place: usize| card[place].as_f64().context("a card is in view");
    let at = Point { x: at(0)?, y: at(1)? };
    if let Gesture::Drag = gesture {
        page.press_at(at).await?;
    }
    let busy = page
        .traced(async {
            for frame in 0..FRAMES {
                let there = f64::from(frame % 20) - 10.0;
                match gesture {
                    Gesture::Drag => page.move_held(at.moved(there * 6.0, there * 4.0)).await?,
                    // Less than a notch of a wheel: two fingers on a pad.
                    Gesture::Pan => {
                        page.wheel(at, if frame % 20 < 10 { 24.0 } else { -24.0 }).await?;
                    }
                    Gesture::Zoom => {
                        page.wheel(at, if frame % 20 < 10 { -60.0 } else { 60.0 }).await?;
                    }
                }
                page.evaluate(NEXT_FRAME).await?;
            }
            Ok(())
        })
        .await;
    if let Gesture::Drag = gesture {
        page.release_at(at).await?;
    }
    busy
}
