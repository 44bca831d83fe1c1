//! Nests in the text form, evaluated as they are and in register blocks.

use super::*;
use crate::{
    Argument, Outcome, Program, Remark, ScalarTy, Value, eval, parse, verify_specialized_program,
};

/// AVX-512.
const WIDE: Target = Target {
    vector_bits: 512,
    vector_registers: 32,
    fma: true,
    l1_bytes: 48 << 10,
    l2_bytes: 2 << 20,
    defers: false,
};

/// Small enough for the evaluator.
const SIZES: Sizes = Sizes {
    depth: 5,
    block: 10,
    least_depth: 2,
    least_sum: 2,
    least_pairs: 1,
};

/// The sizes of the matrices: `n` rows, `m` columns, sums of `p`, and rows of `ld` elements.
type Shape = (usize, usize, usize, usize);

fn function(elem: &str, names: &str, body: &str) -> String {
    let mut text = format!(
        "fn f(a: &[{elem}], b: &[{elem}], c: &mut [{elem}], n: usize, m: usize, p: usize, ld: usize) {{\n"
    );
    for name in ["i", "j", "k", "w"] {
        text.push_str(&format!("let {name}: usize;\n"));
    }
    for name in names.split_whitespace() {
        match name.split_once(':') {
            Some((name, ty)) => text.push_str(&format!("let {name}: {ty};\n")),
            None => text.push_str(&format!("let mut {name}: {elem};\n")),
        }
    }
    text.push_str(body);
    text.push_str("}\n");
    text
}

fn blocked(text: &str, target: &Target) -> (Function, Function, Vec<Remark>) {
    let before = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut after = before.clone();
    let mut remarks = Vec::new();
    run_with(
        &mut after,
        target,
        SIZES,
        &[],
        &mut Remarks::new(0, &mut remarks),
    );
    let program = Program {
        functions: vec![after.clone()],
        hosts: Vec::new(),
    };
    if let Err(errors) = verify_specialized_program(&program) {
        panic!("{errors:#?}");
    }
    (before, after, remarks)
}

fn matrix(ty: ScalarTy, len: usize, seed: u64) -> Argument {
    let mut state = seed;
    let values = (0..len).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let x = (state >> 40) as i32 - (1 << 23);
        match ty {
            ScalarTy::F32 => Value::from(x as f32 / 1e5),
            ScalarTy::F64 => Value::from(f64::from(x) / 1e5),
            _ => Value::from(x % 1000),
        }
    });
    Argument::Slice(values.collect())
}

fn agrees(before: &Function, after: &Function, ty: ScalarTy, (n, m, p, ld): Shape) {
    let size = ld * n.max(m).max(p) + ld;
    let mut args: Vec<Argument> = (1..=3).map(|seed| matrix(ty, size, seed)).collect();
    for number in [n, m, p, ld] {
        args.push(Argument::Scalar(number.into()));
    }
    let mut expected = args.clone();
    let fuel = 20_000_000;
    assert_eq!(
        eval(before, &mut expected, fuel),
        Ok(Outcome::Return(Value::Unit))
    );
    assert_eq!(
        eval(after, &mut args, fuel),
        Ok(Outcome::Return(Value::Unit)),
        "{n} {m} {p} {ld}"
    );
    for (number, (found, expected)) in args.iter().zip(&expected).enumerate() {
        assert!(found == expected, "argument {number} of {n} {m} {p} {ld}");
    }
}

/// The nest is blocked, and that changes nothing.
fn check_as(ty: ScalarTy, names: &str, body: &str) {
    let text = function(ty.name(), names, body);
    for target in [Target::default(), WIDE] {
        let (before, after, remarks) = blocked(&text, &target);
        let blocked = |remark: &Remark| matches!(remark.kind, RemarkKind::Blocked { .. });
        assert!(remarks.iter().any(blocked), "{remarks:?}\n{text}");
        let shapes = [
            (0, 0, 0, 40),
            (1, 1, 1, 40),
            (7, 7, 7, 40),
            (17, 27, 6, 30),
            (13, 13, 7, 13),
            // Rows that overlap.
            (9, 26, 3, 20),
        ];
        for shape in shapes {
            agrees(&before, &after, ty, shape);
        }
    }
}

fn check(names: &str, body: &str) {
    check_as(ScalarTy::F64, names, body);
}

/// The nest is left alone.
fn check_refused(names: &str, body: &str) -> Vec<RemarkKind> {
    let text = function("f64", names, body);
    let (before, after, remarks) = blocked(&text, &WIDE);
    assert_eq!(before, after);
    remarks.into_iter().map(|remark| remark.kind).collect()
}

const IJK: &str = "
    '0: for i in 0usize..n {
        '1: for j in 0usize..m {
            s = 0.0f64;
            '2: for k in 0usize..p { s = (s + (a[((i * ld) + k)] * b[((k * ld) + j)])); }
            c[((i * ld) + j)] = s;
        }
    }";

#[test]
fn sums_in_a_local() {
    check("s", IJK);
    check("s", &IJK.replace("b[((k * ld) + j)]", "b[((j * ld) + k)]"));
    check("s", &IJK.replace("a[((i * ld) + k)]", "a[((k * ld) + i)]"));
    check(
        "s",
        &IJK.replace("= s;", "= ((s * 2.0f64) + (c[((i * ld) + j)] * 0.5f64));"),
    );
    check("s", &IJK.replace("s = 0.0f64;", "s = c[((i * ld) + j)];"));
    check(
        "s",
        &IJK.replace("0usize..p", "1usize..p")
            .replace("0usize..m", "2usize..m"),
    );
}

#[test]
fn other_types() {
    check_as(ScalarTy::F32, "s", &IJK.replace("f64", "f32"));
    check_as(ScalarTy::I32, "s", &IJK.replace("0.0f64", "0i32"));
}

#[test]
fn all_orders() {
    let orders = ["ijk", "ikj", "jik", "jki", "kij", "kji"];
    for order in orders {
        let ranges = [('i', "n"), ('j', "m"), ('k', "p")];
        let mut text = String::new();
        for (label, name) in order.chars().enumerate() {
            let end = ranges.iter().find(|(other, _)| *other == name).unwrap().1;
            text.push_str(&format!("'{label}: for {name} in 0usize..{end} {{"));
        }
        text.push_str(
            "c[((i * ld) + j)] = (c[((i * ld) + j)] + (a[((i * ld) + k)] * b[((k * ld) + j)])); }}}",
        );
        check("", &text);
        // The matrix is stored by columns.
        check("", &text.replace("c[((i * ld) + j)]", "c[((j * ld) + i)]"));
    }
}

#[test]
fn rows_begin_with_zeros() {
    let text = "
        '0: for i in 0usize..n {
            '1: for w in 0usize..m { c[((i * ld) + w)] = 0.0f64; }
            '2: for k in 0usize..p {
                x = a[((i * ld) + k)];
                '3: for j in 0usize..m { c[((i * ld) + j)] = (c[((i * ld) + j)] + (x * b[((k * ld) + j)])); }
            }
        }";
    check("x:f64", text);
}

#[test]
fn names_for_rows() {
    let text = "
        '0: for i in 0usize..n {
            row = (i * ld);
            '1: for j in 0usize..m {
                to = (row + j);
                s = 0.0f64;
                '2: for k in 0usize..p { s = (s + (a[(row + k)] * b[((k * ld) + j)])); }
                c[to] = s;
            }
        }";
    check("row:usize to:usize s", text);
}

#[test]
fn names_for_elements() {
    let text = "
        '0: for i in 0usize..n {
            '1: for k in 0usize..p {
                '2: for j in 0usize..m {
                    x = (a[((i * ld) + k)] * b[((k * ld) + j)]);
                    to = ((i * ld) + j);
                    c[to] = (c[to] + x);
                }
            }
        }";
    check("x:f64 to:usize", text);
}

#[test]
fn differences_and_roots() {
    let text = "
        '0: for i in 0usize..n {
            '1: for j in 0usize..m {
                s = 0.0f64;
                '2: for k in 0usize..p {
                    t = (a[((i * ld) + k)] - a[((j * ld) + k)]);
                    s = (s + (t * t));
                }
                c[((i * ld) + j)] = s.sqrt();
            }
        }";
    check("s t", text);
}

#[test]
fn two_sums() {
    let text = "
        '0: for i in 0usize..n {
            '1: for j in 0usize..m {
                s = 0.0f64;
                t = 1.0f64;
                '2: for k in 0usize..p {
                    s = (s + (a[((i * ld) + k)] * b[((k * ld) + j)]));
                    t = t.min((a[((i * ld) + k)] + b[((k * ld) + j)]));
                }
                c[((i * ld) + j)] = (s + t);
            }
        }";
    check("s t", text);
}

#[test]
fn triangles() {
    let upper = "
        '0: for i in 0usize..n {
            c[((i * ld) + i)] = 1.0f64;
            '1: for j in (i + 1usize)..n {
                s = 0.0f64;
                '2: for k in 0usize..p { s = (s + (a[((k * ld) + i)] * a[((k * ld) + j)])); }
                c[((i * ld) + j)] = s;
                c[((j * ld) + i)] = s;
            }
        }";
    check("s", upper);
    let lower = upper.replace("(i + 1usize)..n", "0usize..i");
    check("s", &lower);
    let with_diagonal = lower
        .replace("0usize..i {", "0usize..(i + 1usize) {")
        .replace("c[((j * ld) + i)] = s;", "")
        .replace("c[((i * ld) + i)] = 1.0f64;", "");
    check("s", &with_diagonal);
}

/// The factors are in other rows and columns of the matrix that is changed.
#[test]
fn in_place() {
    let text = "
        '0: for i in p..n {
            '1: for k in 0usize..p {
                '2: for j in p..m {
                    c[((i * ld) + j)] = (c[((i * ld) + j)] - (c[((i * ld) + k)] * c[((k * ld) + j)]));
                }
            }
        }";
    check("", text);
    // One row too many is changed: the last one that is used.
    let wrong = text.replace("for i in p..n", "for i in (p - 1usize)..n");
    let refused = check_refused("", &wrong);
    assert_eq!(refused, [RemarkKind::NotBlocked(Refusal::Dependence)]);
}

#[test]
fn what_depends_is_left_alone() {
    let dependence = RemarkKind::NotBlocked(Refusal::Dependence);
    // The product of a matrix with itself, in its place.
    let in_place = IJK.replace("b[", "c[");
    assert_eq!(
        check_refused("s", &in_place),
        std::slice::from_ref(&dependence)
    );
    // The mirror image without a triangle.
    let mirrored = IJK.replace("= s;", "= s; c[((j * ld) + i)] = s;");
    assert_eq!(
        check_refused("s", &mirrored),
        std::slice::from_ref(&dependence)
    );
    // With the diagonal.
    let triangle = mirrored.replace("0usize..m", "i..m");
    assert_eq!(check_refused("s", &triangle), [dependence]);
    // The last sum is used behind the nest.
    let used = format!("{IJK} c[0usize] = s;");
    assert_eq!(
        check_refused("s", &used),
        [RemarkKind::NotBlocked(Refusal::Carried)]
    );
    // A sum that goes on from pair to pair.
    let goes_on = IJK.replace("s = 0.0f64;", "");
    let goes_on = format!("s = 0.0f64; {goes_on}");
    assert_eq!(
        check_refused("s", &goes_on),
        [RemarkKind::NotBlocked(Refusal::Carried)]
    );
    // Neither row nor column.
    let skewed = IJK.replace("c[((i * ld) + j)]", "c[((i * ld) + (j * 3usize))]");
    assert_eq!(
        check_refused("s", &skewed),
        [RemarkKind::NotBlocked(Refusal::Index)]
    );
}

/// A local that is assigned once in the nest is a name for its value only behind the assignment.
#[test]
fn what_is_read_before_it_is_assigned_is_no_name() {
    let bodies = [
        // In front of the sum: the first pair alone has it.
        "t = 1.0f64; '0: for i in 0usize..n { '1: for j in 0usize..m {
            s = t; t = 0.0f64;
            '2: for k in 0usize..p { s = (s + (a[((i * ld) + k)] * b[((k * ld) + j)])); }
            c[((i * ld) + j)] = s;
        } }",
        // In the sum: the value of the iteration before.
        "t = 0.5f64; '0: for i in 0usize..n { '1: for j in 0usize..m {
            s = 0.0f64;
            '2: for k in 0usize..p { s = (s + ((a[((i * ld) + k)] * b[((k * ld) + j)]) * t)); t = (k as f64); }
            c[((i * ld) + j)] = s;
        } }",
        // Behind the sum: the value of its last iteration.
        "t = 0.5f64; '0: for i in 0usize..n { '1: for j in 0usize..m {
            s = 0.0f64;
            '2: for k in 0usize..p { s = (s + (a[((i * ld) + k)] * b[((k * ld) + j)])); t = (k as f64); }
            c[((i * ld) + j)] = (s + t);
        } }",
        // In a range, before it is assigned.
        "x = 1usize; '0: for i in 0usize..n { '1: for j in 0usize..m {
            s = 0.0f64;
            '2: for k in x..p { s = (s + (a[((i * ld) + k)] * b[((k * ld) + j)])); x = i; }
            c[((i * ld) + j)] = s;
        } }",
    ];
    for body in bodies {
        let text = function("f64", "s t", body)
            .replace("let w: usize;", "let w: usize; let mut x: usize;");
        let (before, after, remarks) = blocked(&text, &WIDE);
        assert_eq!(before, after, "{remarks:?}");
    }
}

/// Rows that are one row in memory: `i as u8` repeats itself.
#[test]
fn rows_that_repeat_are_not_rows() {
    let body = IJK
        .replace("s = 0.0f64;", "s = c[((((i as u8) as usize) * ld) + j)];")
        .replace(
            "c[((i * ld) + j)] = s;",
            "c[((((i as u8) as usize) * ld) + j)] = s;",
        );
    let (before, after, _) = blocked(&function("f64", "s", &body), &WIDE);
    assert_eq!(before, after);
}

/// Ranges of inner loops are evaluated even if the outer loop does not run, so they load nothing that only an iteration proves to be there.
#[test]
fn ranges_load_no_elements() {
    let text = |range: &str| {
        function("f64", "s", &IJK.replace("0usize..p", range))
            .replace("ld: usize", "ld: usize, q: &[usize]")
    };
    let (before, after, remarks) = blocked(&text("0usize..q[0usize]"), &WIDE);
    assert_eq!(before, after, "{remarks:?}");
}
