use hotloop_ir::{Program, parse_program_with_text_spans, verify_specialized_program};

use super::Observed;
use crate::pipeline::{CompileRequest, CompiledObject, compile};

fn compile_text(text: &str, observe: bool) -> CompiledObject {
    let program: Program = parse_program_with_text_spans(text).unwrap();
    verify_specialized_program(&program).unwrap();
    let request = CompileRequest {
        observe,
        remarks: observe,
        ..CompileRequest::default()
    };
    compile(&program, &request).unwrap()
}

fn observe(text: &str) -> Observed {
    compile_text(text, true).observed.unwrap()
}

const SCALE: &str = r#"fn "scale"(y: &mut [f64]) {
    let i: usize;
    site @0 = index;
    '0: for i in 0usize..y.len() {
        y[i]@0 = (y[i]@0 * 3.0f64);
    }
}
"#;

/// The sum stays in order, so that it is not vectorized; and nothing is known of the indices.
const SUM: &str = r#"fn "sum"(y: &[f64], indices: &[usize]) -> f64 {
    let mut s: f64;
    let i: usize;
    site @0 = index;
    site @1 = index;
    s = 0.0f64;
    '0: for i in 0usize..indices.len() {
        s = (s + y[indices[i]@0]@1);
    }
    return s;
}
"#;

#[test]
fn vectors_are_seen() {
    let observed = observe(SCALE);
    let widest = observed.loops.iter().map(|found| found.width).max();
    assert!(widest >= Some(2), "{observed:?}");
    assert!(observed.loops.iter().all(|found| found.number == 0));
    assert!(observed.loops.iter().all(|found| found.statuses.is_empty()));
    let said = |text: &str| {
        let mut remarks = observed.remarks.iter();
        remarks.any(|remark| remark.number == 0 && remark.text.contains(text))
    };
    assert!(said("vectorized loop"), "{observed:?}");
}

#[test]
fn checks_that_are_left_are_seen() {
    let observed = observe(SUM);
    let left = observed.loops.iter().flat_map(|found| &found.statuses);
    assert!(left.copied().eq([2]), "{observed:?}");
    assert!(observed.loops.iter().all(|found| found.width == 1));
    assert!(!observed.remarks.is_empty());
}

#[test]
fn observing_changes_no_code() {
    for text in [SCALE, SUM] {
        let [plain, observed] = [false, true].map(|observe| compile_text(text, observe).bytes);
        assert!(plain == observed, "the object differs: {text}");
    }
}
