//! Reading what a set assigns.

use super::variable;
use crate::{
    check::{
        fields::{Fields, is_id},
        names::INSTANCE,
    },
    settings::{Assign, Kind, Target},
};

pub(super) fn read(fields: &Fields<'_>) -> Option<Kind> {
    let Some(assigns) = fields.objects("assign") else {
        if fields.get("assign").is_none() {
            fields.error("missing-member", "assign", "'assign' is missing: it lists what is set.");
        }
        return None;
    };
    if assigns.is_empty() {
        fields.warning(
            "missing-member",
            "assign",
            "Nothing is set here; add an assignment or remove the node.",
        );
    }
    let count = assigns.len();
    let assigns: Vec<_> = assigns.iter().filter_map(assign).collect();
    (assigns.len() == count).then_some(Kind::Set(assigns))
}

fn assign(fields: &Fields<'_>) -> Option<Assign> {
    let to = fields.needed_text("to", "it says what is set, such as vars.tier");
    let value = fields.expression("value", INSTANCE);
    if fields.get("value").is_none() {
        fields.error(
            "missing-member",
            "value",
            "'value' is missing: the expression whose value is set.",
        );
    }
    fields.finish();
    let to = match to?.split_once('.') {
        Some(("vars", name)) => Target::Variable(variable(fields, "to", name)?),
        Some(("account", name)) if is_id(name) => Target::AccountField(name.to_owned()),
        _ => {
            fields.error(
                "bad-value",
                "to",
                "Set 'vars.name' or 'account.field'; nothing else can be written.",
            );
            return None;
        }
    };
    let value = value?;
    fields.names.types.set(&to, &value, fields.spot(&fields.pointer("value"), INSTANCE));
    Some(Assign { to, value })
}
