//! `all`, `exists`, `exists_one`, `filter` and `map`.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no items, or is neither true nor false, gets one answer"
)]

use super::{
    EvalError,
    code::{Macro, MacroKind, Op},
    eval::{Evaluated, Evaluator},
    value::Val,
};

impl<'a> Evaluator<'a> {
    pub(super) fn comprehend(&mut self, it: &'a Macro) -> Evaluated<'a> {
        let items = match self.eval(&it.range)? {
            Val::List(list) => {
                self.charge(list.len() as u64)?;
                list.iter().collect()
            }
            Val::Map(map) => {
                self.charge(map.len() as u64)?;
                map.entries().into_iter().map(|(key, _)| key).collect::<Vec<_>>()
            }
            other => {
                return Err(EvalError::Type(format!(
                    "{} has no items to go through",
                    other.type_name()
                )));
            }
        };
        match it.kind {
            MacroKind::All => self.decided(it, items, false),
            MacroKind::Exists => self.decided(it, items, true),
            MacroKind::ExistsOne => {
                let kept = self.kept(it, items)?;
                Ok(Val::Bool(kept.len() == 1))
            }
            MacroKind::Filter => self.kept(it, items).map(Val::made),
            MacroKind::Map => {
                let items = if it.filter.is_some() { self.kept(it, items)? } else { items };
                let mut made = Vec::with_capacity(items.len());
                for item in items {
                    if let Some(body) = &it.body {
                        made.push(self.with_item(item, body)?);
                    }
                }
                Ok(Val::made(made))
            }
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
    fn decided(&mut self, it: &'a Macro, items: Vec<Val<'a>>, decisive: bool) -> Evaluated<'a> {
        let mut error = None;
        for item in items {
            match self.fits(it, item) {
                Ok(fits) if fits == decisive => return Ok(Val::Bool(decisive)),
                Ok(_) => {}
                Err(budget @ EvalError::Budget { .. }) => return Err(budget),
                Err(other) => error = error.or(Some(other)),
            }
        }
        error.map_or(Ok(Val::Bool(!decisive)), Err)
    }

    fn kept(&mut self, it: &'a Macro, items: Vec<Val<'a>>) -> Result<Vec<Val<'a>>, EvalError> {
        let mut kept = Vec::new();
        for item in items {
            if self.fits(it, item.clone())? {
                kept.push(item);
            }
        }
        Ok(kept)
    }
}
