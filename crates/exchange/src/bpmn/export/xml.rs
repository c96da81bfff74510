//! Writing XML into memory.

use quick_xml::{
    Writer,
    escape::partial_escape,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use serde_json::Value;

/// A file that grows, indented.
pub(super) struct Xml(Writer<Vec<u8>>);

/// Attributes of an element, in the order they are written.
pub(super) type Attributes<'a> = [(&'a str, &'a str)];

impl Xml {
    pub(super) fn begin() -> Self {
        let mut xml = Self(Writer::new_with_indent(Vec::new(), b' ', 2));
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    pub(super) fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        self.write(Event::Start(start(name, attributes)));
    }

    pub(super) fn close(&mut self, name: &str) {
        self.write(Event::End(BytesEnd::new(name)));
    }

    pub(super) fn empty(&mut self, name: &str, attributes: &Attributes<'_>) {
        self.write(Event::Empty(start(name, attributes)));
    }

    pub(super) fn leaf(&mut self, name: &str, attributes: &Attributes<'_>, text: &str) {
        self.open(name, attributes);
        // Quotation marks mean nothing between tags, and JSON is full of them.
        self.write(Event::Text(BytesText::from_escaped(partial_escape(text))));
        self.close(name);
    }

    /// What we say of an element beyond BPMN; `of` is its id, so that a copy of it somewhere is seen to be one.
    pub(super) fn extension(&mut self, name: &str, of: &str, said: &Value) {
        self.open("bpmn:extensionElements", &[]);
        self.leaf(name, &[("for", of)], &json(said));
        self.close("bpmn:extensionElements");
    }

    pub(super) fn end(self) -> String {
        let mut text = String::from_utf8(self.0.into_inner()).expect("only texts were written");
        text.push('\n');
        text
    }

    fn write(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("memory takes what is written");
    }
}

fn start<'a>(name: &'a str, attributes: &Attributes<'a>) -> BytesStart<'a> {
    BytesStart::new(name).with_attributes(attributes.iter().copied())
}

/// A value as JSON in which no character stands that XML cannot hold: outside of texts JSON is all ASCII.
fn json(value: &Value) -> String {
    let text = value.to_string();
    text.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}
