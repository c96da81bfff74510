//! What becomes of elements of BPMN that have no counterpart, in sentences for people.

/// The sentence for an element; `None` for one whose words are read elsewhere.
pub(super) fn of(name: &str) -> Option<String> {
    let sentence = match name {
        "documentation"
        | "extensionElements"
        | "incoming"
        | "outgoing"
        | "laneSet"
        | "import"
        | "multiInstanceLoopCharacteristics"
        | "standardLoopCharacteristics"
        | "supports" => return None,
        "dataObject"
        | "dataObjectReference"
        | "dataStoreReference"
        | "dataStore"
        | "dataInput"
        | "dataOutput"
        | "property"
        | "ioSpecification" => {
            "A journey keeps what it knows in variables and in the account, so this piece of data is left out."
        }
        "association" => {
            "The line between a note and what it is about is left out; the note stays."
        }
        "messageFlow" => {
            "A message between two pools is left out: a journey is one pool, and what comes from outside is an event or a webhook."
        }
        "correlationSubscription" | "correlationProperty" | "correlationKey" => {
            "How messages find their instance is left out: a wait says it with its key."
        }
        "resourceRole" | "performer" | "humanPerformer" | "potentialOwner" | "resource" => {
            "Who does it is left out here: a task names its owner."
        }
        "itemDefinition" => "A type of data is left out: variables have a JSON Schema.",
        "interface" | "endPoint" => {
            "The description of a service is left out: a connection names what an action calls."
        }
        "auditing" | "monitoring" => "Every step is recorded anyway, so this is left out.",
        "conversation" | "subConversation" | "callConversation" | "conversationLink"
        | "choreography" | "globalConversation" => {
            "Conversations and choreographies have no counterpart; this is left out."
        }
        "choreographyTask" | "subChoreography" | "callChoreography" => {
            "A step of a choreography has no counterpart; it is left out."
        }
        _ => "A journey has no counterpart for it; it is left out.",
    };
    Some(sentence.to_owned())
}

/// For a subprocess that an event starts.
pub(super) fn event_subprocess(parts: usize) -> String {
    format!(
        "What an event starts beside the flow has no counterpart; it is left out with what is in it ({parts} elements). A journey of its own with a trigger can do the same, or an exit."
    )
}
