//! An XML file as a tree of what matters: names with their namespaces, attributes, texts, and where each stands.

use crate::{ImportError, limits, place};
use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
    name::{Namespace, ResolveResult},
};

/// Namespaces that are told apart; they are what programs agree on, prefixes are not.
pub(super) const MODEL: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
pub(super) const DIAGRAM: &str = "http://www.omg.org/spec/BPMN/20100524/DI";
pub(super) const SHAPES: &str = "http://www.omg.org/spec/DD/20100524/DC";
pub(super) const LINES: &str = "http://www.omg.org/spec/DD/20100524/DI";
/// Ours: what a journey says and BPMN has no word for.
pub(super) const OURS: &str = "urn:waymark:journey:1";
const CAMUNDA: &str = "http://camunda.org/schema/1.0/bpmn";
const ZEEBE: &str = "http://camunda.org/schema/zeebe/1.0";

/// Whose word the name of an element or attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Model,
    /// Diagram interchange: planes, shapes, bounds, lines.
    Diagram,
    Ours,
    Camunda,
    Zeebe,
    /// No namespace: an attribute without a prefix.
    None,
    Other,
}

/// One element.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) space: Space,
    pub(super) name: String,
    attributes: Vec<(Space, String, String)>,
    /// Its own text, without that of its children.
    pub(super) text: String,
    pub(super) children: Vec<usize>,
    pub(super) line: usize,
}

impl Element {
    /// An attribute without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.foreign(Space::None, name)
    }

    /// An attribute of a namespace.
    pub(super) fn foreign(&self, space: Space, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter();
        found.find(|one| one.0 == space && one.1 == name).map(|one| one.2.as_str())
    }

    /// Its name as those who use it write it: `zeebe:taskDefinition`.
    pub(super) fn known_as(&self) -> String {
        known_as(self.space, &self.name)
    }

    /// The names of attributes that are not BPMN's own.
    pub(super) fn foreign_names(&self) -> impl Iterator<Item = String> {
        let foreign = |space: Space| matches!(space, Space::Camunda | Space::Zeebe | Space::Other);
        let others = self.attributes.iter().filter(move |(space, ..)| foreign(*space));
        others.map(|(space, name, _)| known_as(*space, name))
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.space == Space::Model && self.name == name
    }
}

fn known_as(space: Space, name: &str) -> String {
    match space {
        Space::Camunda => format!("camunda:{name}"),
        Space::Zeebe => format!("zeebe:{name}"),
        Space::Model | Space::Diagram | Space::Ours | Space::None | Space::Other => name.to_owned(),
    }
}

/// The elements of a file; the first is the root.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) elements: Vec<Element>,
}

impl Tree {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// It is not well formed, has a document type, or is beyond a limit.
    pub(super) fn read(source: &str) -> Result<Self, ImportError> {
        if source.len() > limits::FILE_BYTES {
            return Err(ImportError::TooLarge { bytes: source.len(), limit: limits::FILE_BYTES });
        }
        let source = source.strip_prefix('\u{feff}').unwrap_or(source);
        let mut builder = Builder::new(source);
        let mut reader = NsReader::from_str(source);
        reader.config_mut().check_end_names = true;
        loop {
            let at = offset(reader.buffer_position());
            let (space, event) = match reader.read_resolved_event() {
                Ok((resolved, event)) => (space(&resolved), event),
                Err(error) => {
                    let at = at.max(offset(reader.error_position()));
                    return Err(builder.wrong(at, &told(&error)));
                }
            };
            match event {
                Event::Start(start) => {
                    let element = builder.element(&reader, space, &start, at)?;
                    builder.open(element, at)?;
                }
                Event::Empty(start) => {
                    let element = builder.element(&reader, space, &start, at)?;
                    builder.open(element, at)?;
                    builder.open.pop();
                }
                Event::End(_) => drop(builder.open.pop()),
                Event::Text(text) => builder.text(&text.xml10_content(), at)?,
                Event::CData(text) => builder.text(&text.xml10_content(), at)?,
                Event::GeneralRef(reference) => {
                    let letter = resolved(&reference).ok_or_else(|| {
                        builder.wrong(at, "the file uses a name for a text that only a document type could explain; write the text itself")
                    })?;
                    builder.text(letter.encode_utf8(&mut [0; 4]), at)?;
                }
                Event::DocType(_) => {
                    return Err(builder.wrong(at, "the file has a document type (<!DOCTYPE …>), which is not read; take it out"));
                }
                Event::Eof => return builder.finish(),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
    }

    pub(super) fn root(&self) -> &Element {
        &self.elements[0]
    }

    pub(super) fn children(&self, of: usize) -> impl Iterator<Item = (usize, &Element)> {
        self.elements[of].children.iter().map(|child| (*child, &self.elements[*child]))
    }

    /// The first child of this name among BPMN's own.
    pub(super) fn child(&self, of: usize, name: &str) -> Option<usize> {
        self.children(of).find(|(_, child)| child.is(name)).map(|(at, _)| at)
    }

    /// The text of the first child of this name.
    pub(super) fn child_text(&self, of: usize, name: &str) -> Option<&str> {
        self.child(of, name).map(|child| self.elements[child].text.as_str())
    }

    /// An extension of this name, at any depth of the extensions of an element.
    pub(super) fn extension(&self, of: usize, space: Space, name: &str) -> Option<&Element> {
        let holder = self.child(of, "extensionElements")?;
        let mut open = vec![holder];
        while let Some(at) = open.pop() {
            for (child, element) in self.children(at) {
                if element.space == space && element.name == name {
                    return Some(element);
                }
                open.push(child);
            }
        }
        None
    }
}

/// A tree that grows.
struct Builder<'a> {
    source: &'a str,
    elements: Vec<Element>,
    attributes: usize,
    /// The elements that are open, outermost first.
    open: Vec<usize>,
    /// The newest byte whose line is known, and its line.
    counted: (usize, usize),
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        Self { source, elements: Vec::new(), attributes: 0, open: Vec::new(), counted: (0, 1) }
    }

    fn wrong(&self, at: usize, message: &str) -> ImportError {
        let (line, column) = place(self.source, at);
        ImportError::At { message: message.to_owned(), line, column }
    }

    /// The line of a byte; asked for in the order of the file.
    fn line(&mut self, at: usize) -> usize {
        let (from, line) = self.counted;
        let passed = self.source.get(from..at).unwrap_or_default();
        let line = line + passed.matches('\n').count();
        self.counted = (from.max(at), line);
        line
    }

    fn element(
        &mut self,
        reader: &NsReader<&[u8]>,
        space: Space,
        start: &BytesStart<'_>,
        at: usize,
    ) -> Result<Element, ImportError> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| {
                self.wrong(at, &format!("an attribute cannot be read: {error}"))
            })?;
            let (resolved, name) = reader.resolver().resolve_attribute(attribute.key);
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| {
                self.wrong(at, &format!("the value of an attribute cannot be read: {error}"))
            })?;
            let name = name.as_ref().to_owned();
            attributes.push((self::space(&resolved), name, value.into_owned()));
        }
        self.attributes += attributes.len();
        if self.attributes > limits::XML_ATTRIBUTES {
            let limit = limits::XML_ATTRIBUTES;
            return Err(self.wrong(at, &format!("the file has more than {limit} attributes")));
        }
        let name = start.local_name().as_ref().to_owned();
        let line = self.line(at);
        Ok(Element { space, name, attributes, text: String::new(), children: Vec::new(), line })
    }

    fn open(&mut self, element: Element, at: usize) -> Result<(), ImportError> {
        let place = self.elements.len();
        if place >= limits::XML_ELEMENTS {
            let limit = limits::XML_ELEMENTS;
            return Err(self.wrong(at, &format!("the file has more than {limit} elements")));
        }
        match self.open.last() {
            Some(parent) => self.elements[*parent].children.push(place),
            None if self.elements.is_empty() => {}
            None => return Err(self.wrong(at, "something follows the end of the first element")),
        }
        self.elements.push(element);
        self.open.push(place);
        if self.open.len() > limits::XML_DEPTH {
            let limit = limits::XML_DEPTH;
            return Err(self.wrong(at, &format!("more than {limit} elements lie in one another")));
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), ImportError> {
        match self.open.last() {
            Some(open) => self.elements[*open].text.push_str(text),
            None if text.trim().is_empty() => {}
            None => {
                return Err(
                    self.wrong(at, "a text stands outside the first element: this is no XML file")
                );
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Tree, ImportError> {
        if let Some(open) = self.open.last() {
            let name = crate::shown(&self.elements[*open].name);
            return Err(self.wrong(self.source.len(), &format!("the file ends inside <{name}>")));
        }
        if self.elements.is_empty() {
            return Err(ImportError::Unfit(
                "The file is empty; a BPMN file begins with <definitions>.".to_owned(),
            ));
        }
        Ok(Tree { elements: self.elements })
    }
}

/// What a reference in a text stands for: a letter by its number, or one of the five names every XML file knows.
fn resolved(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    let text = quick_xml::escape::resolve_predefined_entity(reference)?;
    text.chars().next()
}

/// What a reader says of a broken file, as much as fits in a sentence.
fn told(error: &quick_xml::Error) -> String {
    format!("this is no well-formed XML: {}", crate::shown(&error.to_string()))
}

fn space(resolved: &ResolveResult<'_>) -> Space {
    match resolved {
        ResolveResult::Unbound => Space::None,
        ResolveResult::Bound(Namespace(name)) => match *name {
            MODEL => Space::Model,
            DIAGRAM | SHAPES | LINES => Space::Diagram,
            OURS => Space::Ours,
            CAMUNDA => Space::Camunda,
            ZEEBE => Space::Zeebe,
            _ => Space::Other,
        },
        ResolveResult::Unknown(_) => Space::Other,
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
