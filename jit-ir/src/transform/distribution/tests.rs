use super::*;
use crate::transform::parallel::run_with;
use crate::{
    Argument, ChunkOrder, Outcome, Parallelism, Program, Remark, RemarkKind, Value,
    eval_program_in, parse, verify_specialized_program,
};

fn function(body: &str) -> String {
    let sites: String = (0..8)
        .map(|number| format!("site @{number} = index of 0:{number} with usize, usize;\n"))
        .collect();
    format!(
        "fn f(a: &mut [f64], b: &mut [f64], c: &[f64], w: &mut [u32], n: usize, m: usize) -> f64 {{
            let i: usize;
            let j: usize;
            let p: usize;
            let v: f64;
            let mut e: f64;
            let mut s: f64;
            let mut q: f64;
            let mut t: f64;
            {sites}
            s = 0.0f64;
            q = 1.0f64;
            t = 0.5f64;
            {body}
            return ((s + q) + t);
        }}"
    )
}

fn arguments(n: usize, len: usize) -> Vec<Argument> {
    let values = |seed: usize| {
        let value = |i: usize| match (i + seed) % 29 {
            7 => f64::NAN,
            8 => -0.0,
            x => x as f64 / 4.0 - 3.0,
        };
        Argument::Slice((0..len).map(|i| Value::from(value(i))).collect())
    };
    vec![
        values(1),
        values(13),
        values(5),
        Argument::Slice((0..len as u32).map(|x| Value::from(x % 37)).collect()),
        Argument::Scalar(Value::from(n)),
        Argument::Scalar(Value::from(n / 2 + 1)),
    ]
}

fn program_of(text: &str) -> Program {
    let func = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Program {
        functions: vec![func],
        hosts: Vec::new(),
    }
}

fn verify(program: &Program) {
    if let Err(errors) = verify_specialized_program(program) {
        panic!("{errors:?}\n{}", crate::print_program(program));
    }
}

/// With each loop of the function distributed that can be, whatever it gains.
fn distributed(program: &Program) -> Option<Program> {
    let mut after = program.clone();
    let func = &mut after.functions[0];
    let points_to = PointsTo::of(func);
    let mut changed = false;
    let mut position = 0;
    while position < func.body.stmts.len() {
        let stmt = func.body.stmts[position].clone();
        let mut count = 1;
        if let Some(parts) = parts(func, &points_to, &stmt)
            && let Some((loops, guards)) = distribute(func, &stmt, &parts)
        {
            let stmts = guarded(func, stmt, loops, guards);
            count = stmts.len();
            func.body.stmts.splice(position..=position, stmts);
            changed = true;
        }
        position += count;
    }
    verify(&after);
    changed.then_some(after)
}

fn outcome_of(outcome: &Outcome, program: &Program) -> String {
    match outcome {
        Outcome::Trap {
            function,
            site,
            operands,
        } => format!(
            "{:?} {operands:?}",
            program.functions[*function].sites[*site]
        ),
        other => format!("{other:?}"),
    }
}

/// In all orders of chunks; `exact` if also what was stored before a panic is the same.
#[track_caller]
fn compare(before: &Program, after: &Program, exact: bool) {
    for (n, len) in [
        (0, 90),
        (1, 90),
        (2, 90),
        (19, 90),
        (30, 90),
        (30, 20),
        (3, 2),
        (60, 61),
    ] {
        let run = |program: &Program, order| {
            let mut args = arguments(n, len);
            let found = eval_program_in(program, &mut args, 1_000_000, order, &mut |_, _| None);
            found.map(|outcome| (outcome, args))
        };
        let Ok((expected, memory)) = run(before, ChunkOrder::InOrder) else {
            continue;
        };
        for order in [
            ChunkOrder::InOrder,
            ChunkOrder::Shuffled(5),
            ChunkOrder::Single(9),
        ] {
            let (found, stored) = run(after, order).unwrap_or_else(|error| {
                panic!("{error:?} n = {n}\n{}", crate::print_program(after))
            });
            assert_eq!(
                outcome_of(&found, after),
                outcome_of(&expected, before),
                "n = {n}, len = {len}\n{}",
                crate::print_program(after)
            );
            if exact || !matches!(expected, Outcome::Trap { .. }) {
                assert_eq!(
                    format!("{stored:?}"),
                    format!("{memory:?}"),
                    "n = {n}, len = {len}\n{}",
                    crate::print_program(after)
                );
            }
        }
    }
}

fn parallel(text: &str) -> (Program, Program, Vec<Remark>) {
    let before = program_of(text);
    let mut after = before.clone();
    after.functions[0].parallel = Some(Parallelism {
        chunk: Some(3),
        ..Parallelism::AUTO
    });
    let mut remarks = Vec::new();
    run_with(&mut after, 0, &[], &mut remarks);
    verify(&after);
    (before, after, remarks)
}

#[track_caller]
fn check(body: &str, expected: Option<(usize, usize)>) {
    let (before, after, remarks) = parallel(&function(body));
    let found = remarks.iter().find_map(|remark| match remark.kind {
        RemarkKind::Distributed { loops, parallel } => Some((loops, parallel)),
        _ => None,
    });
    assert_eq!(found, expected, "{body}\n{}", crate::print_program(&after));
    compare(&before, &after, found.is_some());
}

const MATH: &str = "(((c[i]@0 * c[i]@1).sqrt() / 3.0f64) + 1.0f64)";

#[test]
fn a_filter_behind_independent_work() {
    check(
        &format!(
            "'0: for i in 0usize..n {{ a[i]@2 = {MATH}; s = ((s * 0.5f64) + a[i]@3); b[i]@4 = s; }}"
        ),
        Some((2, 1)),
    );
    // In another order of the text, and with something independent behind.
    check(
        &format!(
            "'0: for i in 0usize..n {{
                s = ((s * 0.5f64) + c[i]@5);
                b[i]@4 = s;
                a[i]@2 = (b[i]@3 * {MATH});
            }}"
        ),
        Some((2, 1)),
    );
}

#[test]
fn loops_inside() {
    check(
        "'0: for i in 0usize..n {
            e = 0.0f64;
            '1: for j in 0usize..5usize { e = (e + (c[j]@0 * c[i]@1)); }
            a[i]@2 = e;
            s = ((s * 0.5f64) + a[i]@3);
        }",
        Some((2, 1)),
    );
}

/// What both use may be computed twice.
#[test]
fn small_values_are_repeated() {
    check(
        &format!(
            "'0: for i in 0usize..n {{
                p = (i + 1usize);
                v = c[p]@5;
                a[i]@2 = (v * {MATH});
                s = ((s * 0.5f64) + (v - a[i]@3));
                w[i]@4 = (p as u32);
            }}"
        ),
        Some((2, 1)),
    );
}

#[test]
fn what_stays_one_loop() {
    // A scalar that takes long crosses.
    check(
        &format!("'0: for i in 0usize..n {{ e = {MATH}; a[i]@2 = e; s = ((s * 0.5f64) + e); }}"),
        None,
    );
    // What is independent needs what the last iteration stored.
    check(
        &format!(
            "'0: for i in 1usize..n {{ a[i]@2 = ({MATH} + b[(i - 1usize)]@4); s = ((s * 0.5f64) + a[i]@3); b[i]@5 = s; }}"
        ),
        None,
    );
    // Too little to do.
    check(
        "'0: for i in 0usize..n { a[i]@2 = c[i]@0; s = ((s * 0.5f64) + a[i]@3); }",
        None,
    );
    // An index that is data.
    check(
        &format!(
            "'0: for i in 0usize..n {{ a[i]@2 = {MATH}; s = ((s * 0.5f64) + a[(w[i]@3 as usize)]@4); w[(i + 1usize)]@5 = 3u32; }}"
        ),
        None,
    );
    // It may be left.
    check(
        &format!(
            "'0: for i in 0usize..n {{ a[i]@2 = {MATH}; s = ((s * 0.5f64) + a[i]@3); if (s > 4.0f64) {{ break '0; }} else {{ }} }}"
        ),
        None,
    );
}

/// With a check for each index, or with none.
struct Random(u64, bool);

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

    fn site(&mut self) -> String {
        match self.1 {
            true => format!("@{}", self.below(8)),
            false => String::new(),
        }
    }

    fn element(&mut self, slices: &[&str]) -> String {
        let index = match self.below(12) {
            0..=5 => "i".to_owned(),
            6 => "p".to_owned(),
            7..=8 => format!("(i + {}usize)", self.below(3)),
            9 => "((i * 2usize) + 1usize)".to_owned(),
            10 => format!("{}usize", self.below(4)),
            _ => "(60usize - i)".to_owned(),
        };
        format!("{}[{index}]{}", self.of(slices), self.site())
    }

    fn value(&mut self) -> String {
        match self.below(10) {
            0..=3 => self.element(&["a", "b", "c"]),
            4 => self.of(&["s", "q", "t", "e", "v"]).to_owned(),
            5 => "(i as f64)".to_owned(),
            6 => "1.5f64".to_owned(),
            _ => {
                let (left, right) = (self.value(), self.value());
                format!("({left} {} {right})", self.of(&["+", "*", "/"]))
            }
        }
    }

    fn stmt(&mut self) -> String {
        let value = self.value();
        match self.below(10) {
            0..=5 => format!("{} = {value};", self.element(&["a", "b"])),
            6..=7 => format!("{} = {value};", self.of(&["s", "q", "t", "e"])),
            8 => {
                let cond = self.value();
                format!(
                    "if ({cond} < 1.0f64) {{ {} = {value}; }} else {{ }}",
                    self.element(&["a", "b"])
                )
            }
            _ => format!(
                "e = 1.0f64; '1: for j in 0usize..3usize {{ e = (e + (c[j]{} * {value})); }}",
                self.site()
            ),
        }
    }

    fn program(&mut self) -> String {
        self.1 = self.below(3) > 0;
        let mut body = format!(
            "p = (i + 1usize); v = c[i]{}; e = c[p]{};",
            self.site(),
            self.site()
        );
        for _ in 0..2 + self.below(3) {
            let mut stmt = self.stmt();
            while stmt.contains("'1") && body.contains("'1") {
                stmt = self.stmt();
            }
            body += &stmt;
        }
        let range = self.of(&[
            "0usize..n",
            "0usize..n rev",
            "1usize..n step 2usize",
            "0usize..=n",
        ]);
        format!("'0: for i in {range} {{ {body} }}")
    }
}

/// Distributed wherever that is taken to be legal, evaluated in order; then as part of the parallel pass.
#[test]
fn random_loops_mean_the_same() {
    let count = match std::env::var("HOTLOOP_FUZZ_LOOPS") {
        Ok(count) => count.parse().expect("a number"),
        Err(_) => 500,
    };
    let mut random = Random(11, false);
    let (mut parts, mut parallels) = (0, 0);
    for _ in 0..count {
        let text = function(&random.program());
        let before = program_of(&text);
        if let Some(after) = distributed(&before) {
            parts += 1;
            compare(&before, &after, true);
            let (before, after, remarks) = parallel(&text);
            let is_distributed =
                |remark: &&Remark| matches!(remark.kind, RemarkKind::Distributed { .. });
            parallels += remarks.iter().filter(is_distributed).count();
            compare(&before, &after, false);
        }
    }
    assert!(
        parts * 10 > count && parallels * 50 > count,
        "{parts} {parallels} of {count}"
    );
}
