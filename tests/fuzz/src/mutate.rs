//! Making another input of one: by bytes, or by what JSON is made of.

use crate::Dice;
use serde_json::{Map, Value, json};

/// What inputs of a target are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Bytes,
    Json,
}

/// Changes a few things. Whatever is JSON most often stays JSON.
pub(crate) fn mutate(
    shape: Shape,
    words: &[&str],
    (input, other): (&[u8], &[u8]),
    dice: &mut Dice,
) -> Vec<u8> {
    let parsed = serde_json::from_slice::<Value>(input).ok();
    if let (Shape::Json, Some(mut value), false) = (shape, parsed, dice.one_in(8)) {
        let other = serde_json::from_slice(other).unwrap_or(Value::Null);
        for _ in 0..=dice.roll(4) {
            change(&mut value, &other, words, dice);
        }
        return serde_json::to_vec(&value).unwrap_or_default();
    }
    let mut made = input.to_vec();
    for _ in 0..=dice.roll(5) {
        change_bytes(&mut made, other, words, dice);
    }
    made
}

fn change_bytes(made: &mut Vec<u8>, other: &[u8], words: &[&str], dice: &mut Dice) {
    let at = dice.roll(made.len() + 1);
    let to = (at + 1 + dice.roll(16)).min(made.len());
    let word = dice.pick(words).map_or(&[][..], |word| word.as_bytes());
    match dice.roll(9) {
        0 if at < made.len() => made[at] ^= 1 << dice.roll(8),
        1 if at < made.len() => made[at] = u8::try_from(dice.roll(256)).unwrap_or(0),
        2 => drop(made.drain(at..to.max(at))),
        3 => {
            let part = made[at..to.max(at)].to_vec();
            made.splice(at..at, part.repeat(1 + dice.roll(6)));
        }
        4 => {
            let from = dice.roll(other.len() + 1);
            let until = (from + dice.roll(64)).min(other.len());
            made.splice(at..at, other[from..until].iter().copied());
        }
        5 => drop(made.splice(at..to.max(at), word.iter().copied())),
        6 => made.truncate(at),
        _ => drop(made.splice(at..at, word.iter().copied())),
    }
}

/// Changes one thing somewhere in a value.
fn change(value: &mut Value, other: &Value, words: &[&str], dice: &mut Dice) {
    let places = pointers(value);
    let Some(place) = dice.pick(&places).and_then(|place| value.pointer_mut(place)) else { return };
    let made = something(other, words, dice);
    match place {
        Value::Object(members) => change_members(members, made, words, dice),
        Value::Array(items) => change_items(items, made, dice),
        Value::String(text) if dice.one_in(2) => {
            let mut bytes = std::mem::take(text).into_bytes();
            change_bytes(&mut bytes, b"", words, dice);
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
        Value::Number(number) if dice.one_in(2) => {
            let near = number.as_i64().unwrap_or(0).wrapping_add(1 - i64::from(dice.one_in(2)) * 2);
            *place = json!(near);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => *place = made,
    }
}

fn change_members(members: &mut Map<String, Value>, made: Value, words: &[&str], dice: &mut Dice) {
    let names: Vec<String> = members.keys().cloned().collect();
    let name = dice.pick(&names).cloned().unwrap_or_default();
    match dice.roll(4) {
        0 => drop(members.remove(&name)),
        1 => {
            let word = dice.pick(words).copied().unwrap_or_default();
            members.insert(word.to_owned(), made);
        }
        2 => {
            let second = dice.pick(&names).cloned().unwrap_or_default();
            if let Some(value) = members.get(&second).cloned() {
                members.insert(name, value);
            }
        }
        _ => drop(members.insert(name, made)),
    }
}

fn change_items(items: &mut Vec<Value>, made: Value, dice: &mut Dice) {
    let at = dice.roll(items.len());
    match dice.roll(4) {
        0 if !items.is_empty() => drop(items.remove(at)),
        1 if !items.is_empty() => items.insert(at, items[at].clone()),
        2 if !items.is_empty() => {
            let with = dice.roll(items.len());
            items.swap(at, with);
        }
        _ => items.insert(at, made),
    }
}

/// A value of some kind, or a part of another input.
fn something(other: &Value, words: &[&str], dice: &mut Dice) -> Value {
    match dice.roll(8) {
        0..=2 => json!(dice.pick(words).copied().unwrap_or_default()),
        3 | 4 => {
            let places = pointers(other);
            let place = dice.pick(&places).and_then(|place| other.pointer(place));
            place.cloned().unwrap_or_default()
        }
        5 => {
            let numbers = [
                json!(0),
                json!(-1),
                json!(1e308),
                json!(u64::MAX),
                json!(i64::MIN),
                json!(0.5),
                json!(4_294_967_296_u64),
            ];
            dice.pick(&numbers).cloned().unwrap_or_default()
        }
        6 => json!(dice.one_in(2)),
        _ => (0..dice.roll(70)).fold(Value::Null, |inner, _| json!([inner])),
    }
}

/// Where everything in a value is, itself first.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), value)];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::Object(members) => open.extend(members.iter().map(|(name, value)| {
                (format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), value)
            })),
            Value::Array(items) => open.extend(
                items.iter().enumerate().map(|(at, value)| (format!("{place}/{at}"), value)),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        found.push(place);
    }
    found
}
