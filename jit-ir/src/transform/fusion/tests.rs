use super::*;
use crate::generate::{ENOUGH_FUEL, GenerateConfig, generate_arguments, generate_program};
use crate::{
    Argument, Outcome, Program, Remark, Value, eval, eval_program, parse,
    verify_specialized_program,
};

const FUEL: u64 = 1_000_000;

fn function(body: &str) -> String {
    format!(
        "fn f(a: &mut [f64], b: &mut [f64], c: &[f64], w: &mut [u32], n: usize, m: usize) -> f64 {{
            let i: usize;
            let j: usize;
            let h: usize;
            let u: u8;
            let v: u8;
            let mut s: f64;
            let mut q: f64;
            let mut t: f64;
            let mut k: usize;
            let mut x: f64;
            s = 0.0f64;
            q = 1.0f64;
            t = 0.5f64;
            k = 1usize;
            x = 2.0f64;
            {body}
            return (((s + q) + t) + ((k as f64) + x));
        }}"
    )
}

fn arguments(n: usize) -> Vec<Argument> {
    let values = |seed: usize| {
        let value = |i: usize| match (i + seed) % 29 {
            7 => f64::NAN,
            8 => -0.0,
            x => x as f64 / 4.0 - 3.0,
        };
        Argument::Slice((0..600).map(|i| Value::from(value(i))).collect())
    };
    vec![
        values(1),
        values(13),
        values(5),
        Argument::Slice((0..600u32).map(Value::from).collect()),
        Argument::Scalar(Value::from(n)),
        Argument::Scalar(Value::from(n / 2 + 1)),
    ]
}

/// The function as it is and with its loops fused.
fn fused(text: &str, always: bool, free: bool) -> (Function, Function, Vec<Remark>) {
    let before = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut after = before.clone();
    let mut remarks = Vec::new();
    let mut remarks_of = Remarks::new(0, &mut remarks);
    if free {
        super::super::checks::run(&mut after, None, &mut remarks_of);
    }
    run_with(&mut after, always, &mut remarks_of);
    let program = Program {
        functions: vec![after.clone()],
        hosts: Vec::new(),
    };
    if let Err(errors) = verify_specialized_program(&program) {
        panic!("{errors:#?}\n{after}");
    }
    remarks.retain(|remark| matches!(remark.kind, RemarkKind::Fused { .. }));
    (before, after, remarks)
}

#[track_caller]
fn compare(before: &Function, after: &Function, sizes: &[usize]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for &n in sizes {
        let (mut first, mut second) = (arguments(n), arguments(n));
        let expected = eval(before, &mut first, FUEL);
        let found = eval(after, &mut second, FUEL);
        assert_eq!(
            format!("{found:?}"),
            format!("{expected:?}"),
            "n = {n}\n{after}"
        );
        assert_eq!(
            format!("{second:?}"),
            format!("{first:?}"),
            "n = {n}\n{before}\n{after}"
        );
        outcomes.extend(expected.ok());
    }
    outcomes
}

#[track_caller]
fn check(body: &str, fusions: usize) {
    let (before, after, remarks) = fused(&function(body), false, false);
    assert_eq!(remarks.len(), fusions, "{body}\n{after}");
    compare(&before, &after, &[0, 1, 2, 17, 40]);
}

#[track_caller]
fn check_legal(body: &str, legal: bool) {
    let (before, after, remarks) = fused(&function(body), true, false);
    assert_eq!(!remarks.is_empty(), legal, "{body}\n{after}");
    compare(&before, &after, &[0, 1, 2, 17, 40]);
}

#[test]
fn an_array_is_read_where_it_is_written() {
    check(
        "'0: for i in 0usize..n { a[i] = (c[i] * 2.0f64); }
         '1: for j in 0usize..n { a[j] = (a[j] + c[j]); }
         '2: for h in 0usize..n { a[h] = (b[h] * a[h]); }",
        2,
    );
}

#[test]
fn sums_in_order_wait_together() {
    check(
        "'0: for i in 0usize..n { s = (s + c[i]); }
         k = (n + 1usize);
         x = (s / 2.0f64);
         q = 0.0f64;
         '1: for j in 0usize..n { q = (q + (c[j] * c[j])); }",
        1,
    );
}

#[test]
fn what_gains_nothing_stays() {
    // Nothing in common.
    check(
        "'0: for i in 0usize..n { a[i] = 1.0f64; } '1: for j in 0usize..n { b[j] = c[j]; }",
        0,
    );
    // Two streams of stores.
    check(
        "'0: for i in 0usize..n { a[i] = c[i]; } '1: for j in 0usize..n { b[j] = (a[j] + c[j]); }",
        0,
    );
    // One can be vectorized, and the other cannot.
    check(
        "'0: for i in 0usize..n { a[i] = c[i]; } '1: for j in 0usize..n { s = (s + a[j]); }",
        0,
    );
    // Vectors would wait for the element before.
    check(
        "'0: for i in 1usize..n exact { a[i] = c[i]; }
         '1: for j in 1usize..n exact { b[j] = (a[j] + a[(j - 1usize)]); }",
        0,
    );
    check(
        "'0: for i in 0usize..8usize { a[i] = c[i]; }
         '1: for j in 0usize..8usize { a[j] = (a[j] + c[j]); }",
        0,
    );
}

/// Pairs of loops: whether the second may run beside the first.
#[test]
fn legality() {
    let pair = |first: &str, between: &str, second: &str| {
        format!(
            "'0: for i in 2usize..n exact {{ {first} }} {between} '1: for j in 2usize..n exact {{ {second} }}"
        )
    };
    let legal = [
        ("a[i] = c[i];", "", "b[j] = a[j];"),
        ("a[i] = c[i];", "", "b[j] = a[(j - 1usize)];"),
        ("b[i] = a[(i + 1usize)];", "", "a[j] = c[j];"),
        ("a[i] = c[i];", "", "a[j] = 1.0f64;"),
        (
            "a[(i * 2usize)] = c[i];",
            "",
            "b[j] = a[((j * 2usize) + 1usize)];",
        ),
        ("a[1usize] = c[i];", "", "b[j] = a[0usize];"),
        ("s = (s + a[i]);", "q = c[0usize];", "q = (q * a[j]);"),
        ("s = (s + a[i]);", "x = s;", "q = (q * a[j]);"),
        ("s = (s + a[i]);", "s = 0.0f64;", "q = (q + a[j]);"),
        ("a[i] = c[i];", "x = a[2usize];", "q = (q * a[j]);"),
        (
            "s = (s + a[i]);",
            "x = a[2usize];",
            "x = (x + a[j]); t = x;",
        ),
        ("s = (s + a[i]);", "k = a.len();", "w[j] = (k as u32);"),
        ("a[(n - i)] = c[i];", "", "b[j] = a[(n - j)];"),
        ("a[(n - i)] = c[i];", "", "b[j] = a[((n - j) + 1usize)];"),
        (
            "if (c[i] < 0.5f64) { a[i] = s; s = (s * c[i]); } else { }",
            "",
            "b[j] = a[j];",
        ),
    ];
    for (first, between, second) in legal {
        check_legal(&pair(first, between, second), true);
    }
    let illegal = [
        ("a[i] = c[i];", "", "b[j] = a[(j + 1usize)];"),
        ("b[i] = a[(i - 1usize)];", "", "a[j] = c[j];"),
        ("a[i] = c[i];", "", "a[(j + 1usize)] = 1.0f64;"),
        ("a[i] = c[i];", "", "b[j] = a[2usize];"),
        ("a[2usize] = c[i];", "", "b[j] = a[j];"),
        ("a[i] = c[i];", "", "b[j] = a[(n - j)];"),
        ("a[(n - i)] = c[i];", "", "b[j] = a[((n - j) - 1usize)];"),
        ("a[i] = c[i];", "", "b[j] = a[(j * 2usize)];"),
        ("a[(i * m)] = c[i];", "", "b[j] = a[(j * m)];"),
        ("s = (s + a[i]);", "", "b[j] = s;"),
        ("b[i] = s;", "", "s = (s + a[j]);"),
        ("s = a[i];", "", "s = (s + a[j]);"),
        ("s = (s + a[i]);", "q = s;", "q = (q + a[j]);"),
        ("s = (s + a[i]);", "x = s; q = x;", "q = (q + a[j]);"),
        ("a[i] = c[i];", "q = a[2usize];", "q = (q + c[j]);"),
        ("s = (s + a[i]);", "x = (a[3usize] + s);", "a[j] = 1.0f64;"),
        ("a[i] = c[i];", "", "q = (q + a[(w[j] as usize)]);"),
        ("a[(w[i] as usize)] = c[i];", "", "q = (q + a[j]);"),
        ("w[i] = 3u32;", "", "q = (q + a[(w[3usize] as usize)]);"),
    ];
    for (first, between, second) in illegal {
        let (_, after, remarks) = fused(&function(&pair(first, between, second)), true, false);
        assert!(remarks.is_empty(), "{first} {between} {second}\n{after}");
    }
}

#[test]
fn ranges_are_the_same() {
    let ranges = |first: &str, second: &str| {
        format!(
            "k = n; '0: for i in {first} {{ a[i] = c[i]; }} k = (n + 1usize); '1: for j in {second} {{ b[j] = a[j]; }}"
        )
    };
    let same = [
        ("0usize..n", "0usize..n"),
        ("0usize..=n", "0usize..=n"),
        ("0usize..n rev", "0usize..n rev"),
        ("1usize..n step 3usize", "1usize..n step 3usize"),
        ("0usize..(n + m)", "0usize..(m + n)"),
        ("0usize..a.len()", "0usize..a.len()"),
        ("0usize..(n + 1usize)", "0usize..k"),
    ];
    for (first, second) in same {
        check_legal(&ranges(first, second), true);
    }
    let different = [
        ("0usize..n", "0usize..=n"),
        ("0usize..n", "0usize..n rev"),
        ("0usize..n", "0usize..m"),
        ("0usize..n", "1usize..n"),
        ("0usize..n", "0usize..n step 2usize"),
        ("0usize..k", "0usize..k"),
        ("0usize..a.len()", "0usize..b.len()"),
    ];
    for (first, second) in different {
        check_legal(&ranges(first, second), false);
    }
    // A bound that the first loop changes.
    check_legal(
        "'0: for i in 0usize..k { k = (i + 2usize); } '1: for j in 0usize..k { s = (s + c[j]); }",
        false,
    );
    // All values of a small type.
    check_legal(
        "'0: for u in 0u8..=255u8 { a[(u as usize)] = c[(u as usize)]; }
         '1: for v in 0u8..=255u8 { b[(v as usize)] = a[(v as usize)]; }",
        true,
    );
}

/// What may panic, be left early, or is a loop itself.
#[test]
fn what_is_left_alone() {
    let bodies = [
        ("a[i]@0 = c[i];", "b[j] = 1.0f64;"),
        ("a[i] = c[i];", "b[j] = (1.0f64 + c[j]@0);"),
        (
            "if (c[i] < 1.0f64) { break '0; } else { }",
            "b[j] = 1.0f64;",
        ),
        (
            "if (c[i] < 1.0f64) { return 1.0f64; } else { }",
            "b[j] = 1.0f64;",
        ),
        (
            "a[i] = c[i];",
            "if (c[j] < 1.0f64) { continue '1; } else { } b[j] = 1.0f64;",
        ),
        (
            "a[i] = c[i];",
            "'2: while (q < 3.0f64) { q = (q + 1.0f64); } b[j] = q;",
        ),
    ];
    for (first, second) in bodies {
        let text = function(&format!(
            "'0: for i in 0usize..n {{ {first} }} '1: for j in 0usize..n {{ {second} }}"
        ));
        let text = match text.contains("@0") {
            true => text.replace(
                "let mut x: f64;",
                "let mut x: f64;\n site @0 = index of 0:1 with usize, usize;",
            ),
            false => text,
        };
        let (before, after, remarks) = fused(&text, true, false);
        assert!(remarks.is_empty(), "{after}");
        compare(&before, &after, &[0, 1, 30]);
    }
}

/// With checks, which leave the loops first.
#[test]
fn loops_with_versions() {
    let text = function(
        "'0: for i in 0usize..n { a[i]@0 = (c[i]@1 * 2.0f64); }
         k = m;
         '1: for j in 0usize..n { a[j]@2 = (a[j]@3 + c[(j + m)]@4); }",
    );
    let sites: String = (0..5)
        .map(|number| format!("site @{number} = index of 0:{number} with usize, usize;\n"))
        .collect();
    let text = text.replace("let mut x: f64;", &format!("let mut x: f64;\n{sites}"));
    let (before, after, remarks) = fused(&text, false, true);
    assert_eq!(remarks.len(), 1, "{after}");
    let outcomes = compare(
        &before,
        &after,
        &[0, 1, 2, 100, 390, 399, 400, 401, 599, 600, 601, 700],
    );
    let traps = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Trap { .. }));
    assert!(traps.count() > 3);
}

struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len() as u64) as usize]
    }

    fn index(&mut self, var: &str) -> String {
        match self.below(12) {
            0..=4 => var.to_owned(),
            5..=7 => format!("({var} + {}usize)", self.below(4)),
            8 => format!("(({var} * 2usize) + {}usize)", self.below(4)),
            9 => format!("((100usize - {var}) + {}usize)", self.below(3)),
            10 => format!("{}usize", self.below(5)),
            _ => format!("(w[{var}] as usize)"),
        }
    }

    fn value(&mut self, var: &str) -> String {
        match self.below(9) {
            0..=3 => {
                let slice = self.of(&["a", "b", "c"]);
                format!("{slice}[{}]", self.index(var))
            }
            4 => self.of(&["s", "q", "t", "x"]).to_owned(),
            5 => format!("({var} as f64)"),
            6 => "1.5f64".to_owned(),
            _ => {
                let (left, right) = (self.value(var), self.value(var));
                format!("({left} {} {right})", self.of(&["+", "*", "-"]))
            }
        }
    }

    fn assign(&mut self, var: &str) -> String {
        let value = self.value(var);
        let target = match self.below(3) {
            0 => self.of(&["s", "q", "t", "x"]).to_owned(),
            _ => format!("{}[{}]", self.of(&["a", "b"]), self.index(var)),
        };
        format!("{target} = {value};")
    }

    fn body(&mut self, var: &str) -> String {
        let mut body = String::new();
        for _ in 0..1 + self.below(2) {
            let assign = self.assign(var);
            match self.below(5) {
                0 => {
                    let (cond, other) = (self.value(var), self.assign(var));
                    body += &format!("if ({cond} < 1.0f64) {{ {assign} }} else {{ {other} }} ");
                }
                _ => body += &assign,
            }
        }
        body
    }

    fn program(&mut self) -> String {
        let range = self.of(&[
            "0usize..n",
            "0usize..n rev",
            "1usize..=n",
            "2usize..n step 3usize",
            "0usize..n step 2usize rev",
        ]);
        let mut text = String::new();
        for (label, var) in ["i", "j", "h"].iter().enumerate() {
            let body = self.body(var);
            text += &format!("'{label}: for {var} in {range} exact {{ {body} }}\n");
            if self.below(3) == 0 {
                let value = self.value("m").replace("w[m]", "w[3usize]");
                text += &format!("{} = {value};\n", self.of(&["s", "q", "t", "x"]));
            }
        }
        text
    }
}

/// Random loops one behind the other, all fused that may be.
#[test]
fn random_loops_mean_the_same() {
    let count = match std::env::var("HOTLOOP_FUZZ_LOOPS") {
        Ok(count) => count.parse().expect("a number"),
        Err(_) => 400,
    };
    let mut random = Random(7);
    let mut fusions = 0;
    for _ in 0..count {
        let text = function(&random.program());
        let (before, after, remarks) = fused(&text, true, false);
        fusions += remarks.len();
        compare(&before, &after, &[0, 1, 2, 3, 11, 40]);
    }
    assert!(
        fusions * 10 > count,
        "{fusions} fusions of {count} programs"
    );
}

/// Programs of all kinds mean the same.
#[test]
fn generated_programs_mean_the_same() {
    let config = GenerateConfig::default();
    let mut host = |host: &crate::Host, _: &[crate::Scalar]| {
        Some(match host.result.and_then(crate::HostTy::as_scalar) {
            Some(crate::ScalarTy::F32) => 0.5f32.into(),
            Some(crate::ScalarTy::F64) => 0.5f64.into(),
            Some(ty) => Value::Scalar(crate::Scalar::from_bits(ty, 1)),
            None => Value::Unit,
        })
    };
    for seed in 0..300 {
        let before = generate_program(seed, &config);
        let mut after = before.clone();
        for func in &mut after.functions {
            run_with(func, true, &mut Remarks::new(0, &mut Vec::new()));
        }
        if let Err(errors) = verify_specialized_program(&after) {
            panic!("seed {seed}: {errors:?}");
        }
        for round in 0..2 {
            let arguments = generate_arguments(&before.functions[0], seed * 2 + round);
            let (mut first, mut second) = (arguments.clone(), arguments);
            let expected = eval_program(&before, &mut first, ENOUGH_FUEL, &mut host);
            let found = eval_program(&after, &mut second, ENOUGH_FUEL, &mut host);
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "seed {seed}");
            assert_eq!(format!("{second:?}"), format!("{first:?}"), "seed {seed}");
        }
    }
}
