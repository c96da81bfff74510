//! BPMN files: those we wrote and those of others.

use crate::check_sentence;
use exchange::bpmn::{export, import};
use journey::check;

pub(crate) const WORDS: &[&str] = &[
    "<startEvent id=\"a\"/>",
    "<endEvent id=\"b\"><terminateEventDefinition/></endEvent>",
    "<userTask id=\"c\" name=\"Call\">",
    "</userTask>",
    "<serviceTask id=\"d\"/>",
    "<sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"b\">",
    "</sequenceFlow>",
    "<conditionExpression>${x}</conditionExpression>",
    "<exclusiveGateway id=\"g\" default=\"f\"/>",
    "<inclusiveGateway id=\"g\"/>",
    "<parallelGateway id=\"g\"/>",
    "<eventBasedGateway id=\"g\"/>",
    "<complexGateway id=\"g\"/>",
    "<subProcess id=\"s\">",
    "<subProcess triggeredByEvent=\"true\">",
    "</subProcess>",
    "<multiInstanceLoopCharacteristics/>",
    "<boundaryEvent id=\"x\" attachedToRef=\"c\">",
    "</boundaryEvent>",
    "<intermediateCatchEvent id=\"i\">",
    "<linkEventDefinition name=\"l\"/>",
    "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>",
    "<errorEventDefinition/>",
    "<messageEventDefinition messageRef=\"m\"/>",
    "<textAnnotation id=\"t\"><text>x</text></textAnnotation>",
    "<lane name=\"L\"><flowNodeRef>c</flowNodeRef></lane>",
    "<bpmn:callActivity calledElement=\"p\"/>",
    "<scriptTask/>",
    "<businessRuleTask/>",
    "<receiveTask/>",
    "<dataObject/>",
    "<dc:Bounds x=\"1\" y=\"-1e308\"/>",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "<!--",
    "-->",
    "&lt;",
    "&b;",
    "&#0;",
    "&#x10ffff;",
    " xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\"",
    " xmlns:x=\"urn:waymark:journey:1\"",
    " for=\"a\"",
    "sourceRef=\"a\"",
    "sourceRef=\"g\"",
    "targetRef=\"g\"",
    "targetRef=\"b\"",
    "name=\"",
    "id=\"",
    "<",
    ">",
    "/>",
    "\"",
];

pub(crate) fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let imported = match import(&text) {
        Ok(imported) => imported,
        Err(error) => return check_sentence(&error.to_string()),
    };
    let lines = text.split('\n').count();
    let mut before = 0;
    for left in &imported.left_out {
        check_sentence(&left.sentence);
        assert!(left.line >= before && left.line <= lines, "{left:?} of {lines}");
        before = left.line;
    }
    assert_eq!(import(&text).as_ref(), Ok(&imported), "the same file gives the same draft");
    drop(check(&imported.draft, None));
    let written = export(&imported.draft);
    let again =
        import(&written).unwrap_or_else(|error| panic!("{error} in what we wrote:\n{written}"));
    assert_eq!(again.draft, imported.draft, "written, it is the same");
}
