//! `all`, `exists`, `exists_one`, `filter` and `map`.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no items, or is neither true nor false, gets one answer"
)]

use super::{
    EvalError,
    code::{Macro, MacroKind, Op},
    eval::{Evaluated, Evaluator},
    value::{List, Val},
};
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    pub(super) fn comprehend(&mut self, it: &'a Macro) -> Evaluated<'a> {
        let items = match self.eval(&it.range)? {
            Val::List(list) => list,
            Val::Map(map) => {
                self.charge(map.len() as u64)?;
                let keys = map.entries().into_iter().map(|(key, _)| key).collect();
                List::Made(Rc::new(keys))
            }
            other => {
                return Err(EvalError::Type(format!(
                    "{} has no items to go through",
                    other.type_name()
                )));
            }
        };
        match it.kind {
            MacroKind::All => self.decided(it, &items, false),
            MacroKind::Exists => self.decided(it, &items, true),
            MacroKind::ExistsOne => {
                let kept = self.kept(it, &items)?;
                Ok(Val::Bool(kept.len() == 1))
            }
            MacroKind::Filter | MacroKind::Map => self.kept(it, &items).map(Val::made),
        }
    }

    fn with_item(&mut self, item: Val<'a>, op: &'a Op) -> Evaluated<'a> {
        self.locals.push(item);
        let value = self.eval(op);
        self.locals.pop();
        value
    }

    fn fits(&mut self, it: &'a Macro, item: Val<'a>) -> Result<bool, EvalError> {
        let Some(filter) = &it.filter else { return Ok(true) };
        match self.with_item(item, filter)? {
            Val::Bool(fits) => Ok(fits),
            other => Err(EvalError::Type(format!(
                "the condition on each item gives {}, not true or false",
                other.type_name()
            ))),
        }
    }

    /// One item that decides is enough, even when another has an error.
    fn decided(&mut self, it: &'a Macro, items: &List<'a>, decisive: bool) -> Evaluated<'a> {
        let mut error = None;
        for item in items.iter() {
            match self.fits(it, item) {
                Ok(fits) if fits == decisive => return Ok(Val::Bool(decisive)),
                Ok(_) => {}
                Err(budget @ EvalError::Budget { .. }) => return Err(budget),
                Err(other) => error = error.or(Some(other)),
            }
        }
        error.map_or(Ok(Val::Bool(!decisive)), Err)
    }

    /// The items that fit, or what the body makes of each.
    fn kept(&mut self, it: &'a Macro, items: &List<'a>) -> Result<Vec<Val<'a>>, EvalError> {
        let mut kept = Vec::new();
        for item in items.iter() {
            if !self.fits(it, item.clone())? {
                continue;
            }
            self.charge(1)?;
            kept.push(match &it.body {
                Some(body) => self.with_item(item, body)?,
                None => item,
            });
        }
        Ok(kept)
    }
}
