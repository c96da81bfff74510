//! The part that draws journeys: the canvas, and the engine as the browser needs it.

#![expect(
    clippy::unnecessary_wraps,
    reason = "the macro fails for a function whose part does not come"
)]

use super::{Draw, Later};
use crate::pages::{
    backtest::BacktestPage, compare::ComparePage, instance::InstancePage, journey::JourneyPage,
    journeys::GalleryPage, review::ReviewPage, runs::RunsPage,
};
use leptos::{
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};

/// Pages that draw a journey or ask the engine about one.
#[derive(Clone, Copy)]
pub(crate) enum Drawing {
    Backtest,
    Compare,
    Gallery,
    Instance,
    Journey,
    Review,
    Runs,
}

impl Later for Drawing {
    async fn code() -> Result<Draw<Self>, SplitLoaderError> {
        drawing().await
    }

    fn name(self) -> &'static str {
        match self {
            Self::Backtest => "backtest",
            Self::Compare => "compare",
            Self::Gallery => "gallery",
            Self::Instance => "instance",
            Self::Journey => "journey",
            Self::Review => "review",
            Self::Runs => "runs",
        }
    }
}

#[wasm_split(drawing, wasm_split_path = ::leptos::wasm_split, fallible)]
fn drawing() -> Result<Draw<Drawing>, SplitLoaderError> {
    Ok(draw)
}

fn draw(page: Drawing) -> AnyView {
    match page {
        Drawing::Backtest => view! { <BacktestPage/> }.into_any(),
        Drawing::Compare => view! { <ComparePage/> }.into_any(),
        Drawing::Gallery => view! { <GalleryPage/> }.into_any(),
        Drawing::Instance => view! { <InstancePage/> }.into_any(),
        Drawing::Journey => view! { <JourneyPage/> }.into_any(),
        Drawing::Review => view! { <ReviewPage/> }.into_any(),
        Drawing::Runs => view! { <RunsPage/> }.into_any(),
    }
}
