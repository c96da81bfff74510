//! The pieces every page is made of.

#![expect(unreachable_pub, reason = "the component macro makes public what a component is made of")]

mod confirm;
mod copied;
mod dialog;
pub(crate) mod form;
mod icon;
mod reason;
mod states;
mod toast;

pub(crate) use confirm::Confirm;
pub(crate) use copied::Copied;
pub(crate) use dialog::{Beneath, Dialog, Dialogs, a_while};
pub(crate) use icon::{Brand, Icon};
pub(crate) use reason::ReasonForm;
pub(crate) use states::{Empty, Missing, PageHead, ProblemView, Retry, Skeleton, StatusChip};
pub(crate) use toast::{ToastRack, Toasts};
