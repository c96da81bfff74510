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
}

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

impl Function {
    /// The function of a call: its name, whether it has a receiver, and how many arguments beside it.
    pub(super) fn find(name: &str, receiver: bool, arguments: usize) -> Option<Self> {
        let function = match (name, receiver, arguments) {
            ("size", true, 0) | ("size", false, 1) => Self::Size,
            ("contains", true, 1) => Self::Contains,
            ("startsWith", true, 1) => Self::StartsWith,
            ("endsWith", true, 1) => Self::EndsWith,
            ("lowerAscii", true, 0) => Self::LowerAscii,
            ("upperAscii", true, 0) => Self::UpperAscii,
            ("trim", true, 0) => Self::Trim,
            ("split", true, 1 | 2) => Self::Split,
            ("join", true, 0 | 1) => Self::Join,
            ("replace", true, 2) => Self::Replace,
            ("substring", true, 1 | 2) => Self::Substring,
            ("indexOf", true, 1) => Self::IndexOf,
            ("type", false, 1) => Self::Type,
            ("string", false, 1) => Self::ToString,
            ("int", false, 1) => Self::ToInt,
            ("uint", false, 1) => Self::ToUint,
            ("double", false, 1) => Self::ToDouble,
            ("bool", false, 1) => Self::ToBool,
            ("timestamp", false, 1) => Self::ToTimestamp,
            ("duration", false, 1) => Self::ToDuration,
            ("dyn", false, 1) => Self::Dyn,
            (name, true, 0) => Self::getter(name)?,
            _ => return None,
        };
        Some(function)
    }

    fn getter(name: &str) -> Option<Self> {
        Some(match name {
            "getFullYear" => Self::Year,
            "getMonth" => Self::Month,
            "getDayOfMonth" => Self::DayOfMonth,
            "getDate" => Self::Date,
            "getDayOfWeek" => Self::DayOfWeek,
            "getDayOfYear" => Self::DayOfYear,
            "getHours" => Self::Hours,
            "getMinutes" => Self::Minutes,
            "getSeconds" => Self::Seconds,
            "getMilliseconds" => Self::Milliseconds,
            _ => return None,
        })
    }

    /// Whether any arity of the name is known: tells a wrong count from a wrong name.
    pub(super) fn is_known(name: &str) -> bool {
        [true, false].into_iter().any(|receiver| {
            (0..=2).any(|arguments| Self::find(name, receiver, arguments).is_some())
        })
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

    pub(super) fn literal_type(&self) -> Option<&'static str> {
        match self {
            Self::Literal(literal) => Some(match literal {
                Literal::Null => "null",
                Literal::Bool(_) => "bool",
                Literal::Int(_) => "int",
                Literal::UInt(_) => "uint",
                Literal::Double(_) => "double",
                Literal::Text(_) => "string",
            }),
            Self::List(_) => Some("list"),
            Self::Map(_) => Some("map"),
            Self::Compare(..) | Self::In(_) | Self::And(_) | Self::Or(_) | Self::Not(_) => {
                Some("bool")
            }
            _ => None,
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
