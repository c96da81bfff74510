//! Histories that a runtime made verify clean; each damage done to one is found, by the invariant it is against.

mod clean;
mod damage;
mod drawings;
mod files;
mod house;
mod order;
mod plans;
mod planted;
mod story;
