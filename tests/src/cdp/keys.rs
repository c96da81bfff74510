//! Keys of a keyboard and what the browser must be told of them.

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Keys held while another is pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Modifiers(u32);

impl Modifiers {
    /// Nothing is held.
    pub const NONE: Self = Self(0);
    /// Alt is held.
    pub const ALT: Self = Self(1);
    /// Ctrl is held.
    pub const CONTROL: Self = Self(2);
    /// Shift is held.
    pub const SHIFT: Self = Self(8);

    /// Both are held.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// As the browser's protocol writes them.
    pub(super) fn bits(self) -> u32 {
        self.0
    }
}

/// Keys that write nothing, with their key codes.
const NAMED: [(&str, u32); 17] = [
    ("Backspace", 8),
    ("Tab", 9),
    ("Enter", 13),
    ("Escape", 27),
    ("Space", 32),
    ("PageUp", 33),
    ("PageDown", 34),
    ("End", 35),
    ("Home", 36),
    ("ArrowLeft", 37),
    ("ArrowUp", 38),
    ("ArrowRight", 39),
    ("ArrowDown", 40),
    ("Delete", 46),
    ("F2", 113),
    ("F5", 116),
    ("F10", 121),
];

/// One key.
pub(super) struct Key {
    name: String,
    code: String,
    number: u32,
    text: String,
}

impl Key {
    /// The key that writes `character`.
    pub(super) fn of(character: char) -> Self {
        let upper = character.to_ascii_uppercase();
        let code = match upper {
            'A'..='Z' => format!("Key{upper}"),
            '0'..='9' => format!("Digit{upper}"),
            ' ' => "Space".to_owned(),
            _ => String::new(),
        };
        let number =
            if upper.is_ascii_alphanumeric() || upper == ' ' { u32::from(upper) } else { 0 };
        if character == '\n' {
            return Self {
                name: "Enter".to_owned(),
                code: "Enter".to_owned(),
                number: 13,
                text: "\r".to_owned(),
            };
        }
        Self { name: character.to_string(), code, number, text: character.to_string() }
    }

    /// The key of that name; a single character names its own key.
    pub(super) fn named(name: &str) -> Result<Self> {
        let mut characters = name.chars();
        if let (Some(character), None) = (characters.next(), characters.next()) {
            return Ok(Self::of(character));
        }
        let (_, number) = NAMED
            .iter()
            .find(|(known, _)| *known == name)
            .with_context(|| format!("no key {name}"))?;
        let (key, text) = match name {
            "Enter" => ("Enter", "\r"),
            "Space" => (" ", " "),
            other => (other, ""),
        };
        Ok(Self {
            name: key.to_owned(),
            code: name.to_owned(),
            number: *number,
            text: text.to_owned(),
        })
    }

    /// The event of pressing it. A key pressed with Ctrl or Alt writes nothing.
    pub(super) fn down(&self, modifiers: Modifiers) -> Value {
        let writes =
            !self.text.is_empty() && modifiers.0 & (Modifiers::ALT.0 | Modifiers::CONTROL.0) == 0;
        let mut event = self.event(if writes { "keyDown" } else { "rawKeyDown" }, modifiers);
        if writes {
            event["text"] = json!(self.text);
        }
        if self.name == "a" && modifiers == Modifiers::CONTROL {
            // Headless Chromium has no menu that would translate the shortcut.
            event["commands"] = json!(["selectAll"]);
        }
        event
    }

    /// The event of letting it go.
    pub(super) fn up(&self, modifiers: Modifiers) -> Value {
        self.event("keyUp", modifiers)
    }

    fn event(&self, kind: &str, modifiers: Modifiers) -> Value {
        json!({
            "type": kind,
            "key": self.name,
            "code": self.code,
            "windowsVirtualKeyCode": self.number,
            "modifiers": modifiers.0,
        })
    }
}
