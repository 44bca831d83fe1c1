//! Random nests of three loops over a matrix in place: factorizations row by row, and eliminations, with elements taken at random, so that most depend on
//! each other in ways that they should not, and with counters that all iterations share.

use super::Rng;
use crate::eval::{Argument, Value};
use crate::func::Function;

/// The locals that all iterations add to.
const COUNTERS: [&str; 2] = ["hits", "more"];

struct Nest {
    rng: Rng,
}

/// A function of `n`, the length of rows `ld` and two slices, with one nest; the same for the same seed. `None` if its text is none, which is a mistake here.
pub fn generate_nest(seed: u64) -> Option<Function> {
    let mut nest = Nest {
        rng: Rng::new(seed ^ 0x6e65_7374),
    };
    let body = match seed % 2 {
        0 => nest.factorization(),
        _ => nest.elimination(),
    };
    let text = format!(
        "fn \"nest\"(n: usize, ld: usize, a: &mut [f64], b: &[f64]) -> (u64, u64, usize) {{
    let i: usize;
    let j: usize;
    let k: usize;
    let mut s: f64;
    let mut t: f64;
    let mut hits: u64;
    let mut more: u64;
    let mut last: usize;
    hits = 1u64;
    more = 5u64;
    last = 9usize;
{body}
    return (hits, more, last);
}}
"
    );
    match crate::parse(&text) {
        Ok(func) => Some(func),
        Err(error) => {
            debug_assert!(false, "{error}\n{text}");
            None
        }
    }
}

/// Arguments for such a function: rows that are apart, and some that overlap.
pub fn generate_nest_arguments(seed: u64) -> Vec<Argument> {
    const SIZES: [(usize, usize); 8] = [
        (3, 4),
        (7, 8),
        (11, 12),
        (13, 13),
        (16, 18),
        (15, 6),
        (0, 3),
        (21, 23),
    ];
    let (n, ld) = SIZES[(seed % SIZES.len() as u64) as usize];
    let size = (n + 3) * (ld + 3) + 40;
    let slice = |shift: usize| {
        let values = (0..size).map(|i| ((i * 37 + shift * 11) % 101) as f64 / 17.0 - 2.9);
        Argument::Slice(values.map(Value::from).collect())
    };
    vec![
        Argument::Scalar(Value::from(n)),
        Argument::Scalar(Value::from(ld)),
        slice(1),
        slice(2),
    ]
}

impl Nest {
    fn pick(&mut self, items: &[&'static str]) -> &'static str {
        self.rng.pick(items).unwrap_or("i")
    }

    /// An element at one of these variables, or next to it.
    fn element(&mut self, rows: &[&'static str], columns: &[&'static str]) -> String {
        let mut near = |of: &[&'static str]| {
            let var = self.pick(of);
            match self.rng.below(8) {
                0 => format!("({var} + 1usize)"),
                1 => format!("({var} - 1usize)"),
                _ => var.to_owned(),
            }
        };
        let (row, column) = (near(rows), near(columns));
        format!("a[(({row} * ld) + {column})]")
    }

    /// Mostly nothing; an addition to a counter of all iterations, and sometimes a use of one, which gives away the order.
    fn counting(&mut self, vars: &[&'static str]) -> String {
        let counter = self.pick(&COUNTERS);
        let by = match self.rng.below(3) {
            0 => "3u64".to_owned(),
            1 => format!("({} as u64)", self.pick(vars)),
            _ => "(ld as u64)".to_owned(),
        };
        match self.rng.below(24) {
            0..=2 => format!("{counter} = ({counter} + {by});"),
            3 => format!("{counter} = ({by} + {counter});"),
            4 => format!("{counter} = (({counter} * 3u64) + {by});"),
            5 => format!("{counter} = ({counter} ^ {by});"),
            6 => {
                let var = self.pick(vars);
                let element = self.element(&[var], &[var]);
                format!("{element} = ({counter} as f64);")
            }
            7 => format!("last = {};", self.pick(vars)),
            _ => String::new(),
        }
    }

    fn factorization(&mut self) -> String {
        let end = self.pick(&["i", "(i + 1usize)", "(i - 1usize)", "n"]);
        let own = self.element(&["i"], &["j"]);
        let from = match self.rng.below(3) {
            0 => self.element(&["i", "j"], &["i", "j"]),
            _ => own.clone(),
        };
        let factors = [(); 2].map(|()| self.element(&["i", "j", "i"], &["k", "j", "k"]));
        let inner_end = self.pick(&["j", "n", "(j + 1usize)"]);
        let rest = match self.rng.below(3) {
            0 => String::new(),
            _ => {
                let (to, of) = (self.element(&["i"], &["i"]), self.element(&["i"], &["i"]));
                format!("{to} = ({of} + 0.5f64);")
            }
        };
        let counts = [
            self.counting(&["i"]),
            self.counting(&["i", "j"]),
            self.counting(&["i", "j", "k"]),
            self.counting(&["i", "j"]),
            self.counting(&["i"]),
        ];
        let [before, in_row, innermost, behind, last] = counts;
        format!(
            "    '0: for i in 2usize..n {{
        {before}
        '1: for j in 2usize..{end} {{
            s = {from};
            {in_row}
            '2: for k in 2usize..{inner_end} {{
                s = (s - ({} * {}));
                {innermost}
            }}
            {own} = (s * 0.5f64);
            {behind}
        }}
        {rest}
        {last}
    }}",
            factors[0], factors[1]
        )
    }

    fn elimination(&mut self) -> String {
        let own = self.element(&["i", "i", "i", "k"], &["j"]);
        let factors = [
            self.element(&["i", "i", "k"], &["k", "k", "j"]),
            self.element(&["k", "k", "i"], &["j", "j", "k"]),
        ];
        let near = match self.rng.below(3) {
            0 => String::new(),
            _ => {
                let to = self.element(&["i", "i", "i", "k"], &["k"]);
                let of = self.element(&["i", "k"], &["k", "k", "i"]);
                match self.rng.below(2) {
                    0 => format!("{to} = ({to} * {of});"),
                    _ => format!("t = ({of} * 0.5f64); {to} = t;"),
                }
            }
        };
        let factor = match near.starts_with('t') {
            true => "t",
            false => &factors[0],
        };
        let [c, d] = [(); 2].map(|()| self.pick(&["k", "(k + 1usize)"]));
        let counts = [
            self.counting(&["k"]),
            self.counting(&["k", "i"]),
            self.counting(&["k", "i", "j"]),
        ];
        let [before, in_row, innermost] = counts;
        format!(
            "    '0: for k in 2usize..n {{
        {before}
        '1: for i in {c}..n {{
            {near}
            {in_row}
            '2: for j in {d}..n {{
                {own} = ({own} - ({factor} * {}));
                {innermost}
            }}
        }}
    }}",
            factors[1]
        )
    }
}
