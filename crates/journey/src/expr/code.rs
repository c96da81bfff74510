//! The compiled form of an expression: names resolved, functions known.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function or an operator gets one answer"
)]

/// One operation.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Literal(Literal),
    Root(Name),
    /// A macro's variable, by its place among those in sight.
    Local(usize),
    Select(Box<Op>, String),
    Has(Box<Op>, String),
    Index(Box<[Op; 2]>),
    And(Box<[Op; 2]>),
    Or(Box<[Op; 2]>),
    Not(Box<Op>),
    Negate(Box<Op>),
    Choose(Box<[Op; 3]>),
    Compare(Comparison, Box<[Op; 2]>),
    Compute(Arithmetic, Box<[Op; 2]>),
    In(Box<[Op; 2]>),
    List(Vec<Op>),
    Map(Vec<(Op, Op)>),
    Call(Function, Vec<Op>),
    Macro(Box<Macro>),
}

/// A name read from the scope.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: String,
    /// Its place in [`NAMES`], so that it need not be looked for by its text.
    pub(super) place: Option<usize>,
}

/// What expressions of a journey read; a scope keeps a place for each.
pub(super) const NAMES: [&str; 5] = ["input", "vars", "account", "nodes", "now"];

pub(super) fn place(name: &str) -> Option<usize> {
    NAMES.iter().position(|known| *known == name)
}

#[derive(Clone, Debug)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Text(String),
    /// A type, by the name it goes by in expressions.
    Type(&'static str),
}

/// Names that stand for types, where no item of a list is called so.
pub(super) const TYPES: [&str; 10] =
    ["bool", "int", "uint", "double", "string", "list", "map", "null_type", "type", "bytes"];
/// The types of times and durations, whose names have dots.
pub(super) const TIME_TYPES: [&str; 2] = ["google.protobuf.Timestamp", "google.protobuf.Duration"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A comprehension over a list, or over a map's keys.
#[derive(Clone, Debug)]
pub(super) struct Macro {
    pub(super) kind: MacroKind,
    /// The name each item goes by.
    pub(super) variable: String,
    pub(super) range: Op,
    /// The predicate; for `map` with three arguments the filter.
    pub(super) filter: Option<Op>,
    /// What `map` makes of each item.
    pub(super) body: Option<Op>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MacroKind {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// Every function an expression may call; the first argument is the receiver where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    LowerAscii,
    UpperAscii,
    Trim,
    Split,
    Join,
    Replace,
    Substring,
    IndexOf,
    LastIndexOf,
    CharAt,
    Greatest,
    Least,
    Ceil,
    Floor,
    Round,
    Trunc,
    Abs,
    Sign,
    Type,
    ToString,
    ToInt,
    ToUint,
    ToDouble,
    ToBool,
    ToTimestamp,
    ToDuration,
    Dyn,
    Year,
    Month,
    DayOfMonth,
    Date,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `name(of, …)`
    Plain,
    /// `of.name(…)`
    Receiver,
    /// Either.
    Both,
}

/// Every function: its name, how it is called, and the least and most arguments beside the one it is about.
pub(super) const FUNCTIONS: &[(Function, &str, Style, usize, usize)] = &[
    (Function::Size, "size", Style::Both, 0, 0),
    (Function::Contains, "contains", Style::Receiver, 1, 1),
    (Function::StartsWith, "startsWith", Style::Receiver, 1, 1),
    (Function::EndsWith, "endsWith", Style::Receiver, 1, 1),
    (Function::LowerAscii, "lowerAscii", Style::Receiver, 0, 0),
    (Function::UpperAscii, "upperAscii", Style::Receiver, 0, 0),
    (Function::Trim, "trim", Style::Receiver, 0, 0),
    (Function::Split, "split", Style::Receiver, 1, 2),
    (Function::Join, "join", Style::Receiver, 0, 1),
    (Function::Replace, "replace", Style::Receiver, 2, 3),
    (Function::Substring, "substring", Style::Receiver, 1, 2),
    (Function::IndexOf, "indexOf", Style::Receiver, 1, 2),
    (Function::LastIndexOf, "lastIndexOf", Style::Receiver, 1, 2),
    (Function::CharAt, "charAt", Style::Receiver, 1, 1),
    (Function::Greatest, "math.greatest", Style::Plain, 0, usize::MAX),
    (Function::Least, "math.least", Style::Plain, 0, usize::MAX),
    (Function::Ceil, "math.ceil", Style::Plain, 0, 0),
    (Function::Floor, "math.floor", Style::Plain, 0, 0),
    (Function::Round, "math.round", Style::Plain, 0, 0),
    (Function::Trunc, "math.trunc", Style::Plain, 0, 0),
    (Function::Abs, "math.abs", Style::Plain, 0, 0),
    (Function::Sign, "math.sign", Style::Plain, 0, 0),
    (Function::Type, "type", Style::Plain, 0, 0),
    (Function::ToString, "string", Style::Plain, 0, 0),
    (Function::ToInt, "int", Style::Plain, 0, 0),
    (Function::ToUint, "uint", Style::Plain, 0, 0),
    (Function::ToDouble, "double", Style::Plain, 0, 0),
    (Function::ToBool, "bool", Style::Plain, 0, 0),
    (Function::ToTimestamp, "timestamp", Style::Plain, 0, 0),
    (Function::ToDuration, "duration", Style::Plain, 0, 0),
    (Function::Dyn, "dyn", Style::Plain, 0, 0),
    (Function::Year, "getFullYear", Style::Receiver, 0, 1),
    (Function::Month, "getMonth", Style::Receiver, 0, 1),
    (Function::DayOfMonth, "getDayOfMonth", Style::Receiver, 0, 1),
    (Function::Date, "getDate", Style::Receiver, 0, 1),
    (Function::DayOfWeek, "getDayOfWeek", Style::Receiver, 0, 1),
    (Function::DayOfYear, "getDayOfYear", Style::Receiver, 0, 1),
    (Function::Hours, "getHours", Style::Receiver, 0, 1),
    (Function::Minutes, "getMinutes", Style::Receiver, 0, 1),
    (Function::Seconds, "getSeconds", Style::Receiver, 0, 1),
    (Function::Milliseconds, "getMilliseconds", Style::Receiver, 0, 1),
];

impl Function {
    /// The function of a call: its name, whether it has a receiver, and how many arguments are written in the parentheses.
    pub(super) fn find(name: &str, receiver: bool, arguments: usize) -> Option<Self> {
        let &(function, _, style, least, most) =
            FUNCTIONS.iter().find(|(_, known, ..)| *known == name)?;
        let beside = match (style, receiver) {
            (Style::Receiver | Style::Both, true) => arguments,
            (Style::Plain | Style::Both, false) => arguments.checked_sub(1)?,
            (Style::Plain, true) | (Style::Receiver, false) => return None,
        };
        (least..=most).contains(&beside).then_some(function)
    }

    /// Whether there is a function of that name, however it is called.
    pub(super) fn is_known(name: &str) -> bool {
        FUNCTIONS.iter().any(|(_, known, ..)| *known == name)
    }

    /// As it is written in a call.
    pub(super) fn name(self) -> &'static str {
        self.entry().map_or("", |(_, name, ..)| name)
    }

    /// How its calls are written.
    pub(super) fn style(self) -> Style {
        self.entry().map_or(Style::Plain, |(_, _, style, ..)| style)
    }

    fn entry(self) -> Option<(Self, &'static str, Style, usize, usize)> {
        FUNCTIONS.iter().copied().find(|(function, ..)| *function == self)
    }
}

/// A path an expression reads, root first: `nodes.crm.output.id` is `["nodes", "crm", "output", "id"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reads {
    pub(crate) path: Vec<String>,
    /// Only asked for with `has`, so it may be missing.
    pub(crate) tested: bool,
}

impl Op {
    /// The path this operation spells, if it is a root and members of it.
    pub(super) fn path(&self) -> Option<Vec<&str>> {
        let mut path = Vec::new();
        let mut at = self;
        loop {
            match at {
                Self::Root(name) => {
                    path.push(name.text.as_str());
                    path.reverse();
                    return Some(path);
                }
                Self::Select(of, member) => {
                    path.push(member);
                    at = of;
                }
                Self::Index(pair) => match &pair[1] {
                    Self::Literal(Literal::Text(member)) => {
                        path.push(member);
                        at = &pair[0];
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    pub(super) fn reads(&self) -> Vec<Reads> {
        let mut reads = Vec::new();
        let mut open = vec![self];
        while let Some(op) = open.pop() {
            if let Some(path) = op.path() {
                let path = path.into_iter().map(str::to_owned).collect();
                reads.push(Reads { path, tested: false });
                continue;
            }
            if let Self::Has(of, member) = op
                && let Some(path) = of.path()
            {
                let path = path.into_iter().chain([member.as_str()]).map(str::to_owned).collect();
                reads.push(Reads { path, tested: true });
                continue;
            }
            op.parts(&mut open);
        }
        reads
    }

    /// Every part that spells a path, as far as it is written out, and every `has` of one.
    pub(super) fn paths(&self) -> Vec<&Self> {
        let (mut paths, mut open) = (Vec::new(), vec![self]);
        while let Some(op) = open.pop() {
            let asked = matches!(op, Self::Has(of, _) if of.path().is_some());
            if asked || op.path().is_some() {
                paths.push(op);
            } else {
                let before = open.len();
                op.parts(&mut open);
                open[before..].reverse();
            }
        }
        paths
    }

    /// Paths that `has` was asked for, when the whole comes out like this.
    pub(super) fn shows(&self, holds: bool) -> Vec<Vec<String>> {
        let (mut shown, mut open) = (Vec::new(), vec![(self, holds)]);
        while let Some((op, holds)) = open.pop() {
            match op {
                Self::Has(of, member) if holds => {
                    let path = of.path().into_iter();
                    shown.extend(path.map(|path| {
                        path.into_iter().chain([member.as_str()]).map(str::to_owned).collect()
                    }));
                }
                Self::Not(of) => open.push((of, !holds)),
                Self::And(pair) if holds => open.extend(pair.iter().map(|part| (part, true))),
                Self::Or(pair) if !holds => open.extend(pair.iter().map(|part| (part, false))),
                _ => {}
            }
        }
        shown
    }

    fn parts<'a>(&'a self, open: &mut Vec<&'a Self>) {
        match self {
            Self::Literal(_) | Self::Root(_) | Self::Local(_) => {}
            Self::Select(of, _) | Self::Has(of, _) | Self::Not(of) | Self::Negate(of) => {
                open.push(of);
            }
            Self::Index(pair)
            | Self::And(pair)
            | Self::Or(pair)
            | Self::Compare(_, pair)
            | Self::Compute(_, pair)
            | Self::In(pair) => open.extend(pair.iter()),
            Self::Choose(three) => open.extend(three.iter()),
            Self::List(items) | Self::Call(_, items) => open.extend(items),
            Self::Map(entries) => open.extend(entries.iter().flat_map(|(key, value)| [key, value])),
            Self::Macro(it) => {
                open.push(&it.range);
                open.extend(it.filter.iter().chain(&it.body));
            }
        }
    }
}
