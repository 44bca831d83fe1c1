//! Random loops over shared arrays, most of them nearly independent: for whoever decides which loops may run in parallel.

use std::fmt::Write;

use super::Rng;
use crate::eval::{Argument, Scalar, Value};
use crate::func::Program;
use crate::ty::ScalarTy;

/// The slices of a program, the first three of them mutable.
const SLICES: [&str; 4] = ["y", "z", "w", "x"];

pub(super) struct Text {
    pub(super) rng: Rng,
    pub(super) locals: String,
    sites: String,
    pub(super) body: String,
    pub(super) n_sites: u32,
    n_loops: u32,
    /// Whether integer overflow is checked.
    pub(super) checks: bool,
    /// The variables around as indices, the innermost last.
    pub(super) vars: Vec<String>,
    /// The labels of the loops around, the innermost last.
    pub(super) labels: Vec<u32>,
    /// Slices that are in scope besides the parameters.
    pub(super) parts: Vec<String>,
    pub(super) depth: usize,
    /// Which reductions the program has most of, so that each accumulator has one form mostly.
    pub(super) habit: u32,
}

/// A program whose first function has the parameters `n`, `m`, `k`, then slices, and a few loops; the same for the same seed.
/// `None` if its text is none, which is a mistake here.
pub fn generate_loops(seed: u64) -> Option<Program> {
    let mut rng = Rng::new(seed ^ 0x6c6f_6f70);
    let checks = rng.one_in(3);
    let reassoc = rng.one_in(2);
    let habit = rng.below(1 << 16);
    let mut text = Text {
        rng,
        locals: String::new(),
        sites: String::new(),
        body: String::new(),
        n_sites: 0,
        n_loops: 0,
        checks,
        vars: Vec::new(),
        labels: Vec::new(),
        parts: Vec::new(),
        depth: 1,
        habit,
    };
    text.setup();
    let n_loops = 1 + text.rng.below(2);
    for _ in 0..n_loops {
        text.counted();
    }
    // What is behind the loops may use what they leave.
    let last = match text.rng.below(12) {
        0 => "t",
        1 => "own[3usize]",
        _ => "shared[5usize]",
    };
    let Text {
        locals,
        sites,
        body,
        ..
    } = text;
    let liberties = if reassoc { "fastmath reassoc;\n" } else { "" };
    let whole = format!(
        "{liberties}fn \"loops\"(n: usize, m: usize, k: usize, x: &[u64], p: &[usize], b: &[u8], f: &[f64], y: &mut [u64], z: &mut [u64], w: &mut [u64], q: &mut [(u64, u64)], acc: &mut (u64, u64)) -> (u64, u64, usize, bool, bool, u8, i8, f64, f64, usize, u64) {{
    let mut s: u64;
    let mut best: u64;
    let mut found: usize;
    let mut flag: bool;
    let mut all: bool;
    let mut c: u8;
    let mut d: i8;
    let mut low: f64;
    let mut total: f64;
    let mut spot: usize;
    let mut note: u64;
    let mut t: u64;
    let mut own: [u64; 8];
    let mut shared: [u64; 64];
    let mut left: &mut [u64];
    let mut right: &mut [u64];
    let mut swapped: &mut [u64];
{locals}{sites}    s = 0u64;
    best = 1000u64;
    found = 0usize;
    flag = false;
    all = true;
    c = 1u8;
    d = 2i8;
    low = 40f64;
    total = 0f64;
    spot = 77usize;
    note = 3u64;
    t = 5u64;
    own = [0u64; 8];
    shared = [3u64; 64];
{body}    s = (s ^ {last});
    return (s, best, found, flag, all, c, d, low, total, spot, note);
}}
fn pure(a: u64, b: u64) -> u64 {{
    return ((a * 7u64) ^ b);
}}
fn fill(part: &mut [u64], a: u64) {{
    let i: usize;
    '0: for i in 0usize..part.len() {{
        part[i] = (part[i] + a);
    }}
}}
fn look(part: &mut [u64], a: usize) -> u64 {{
    if (a < part.len()) {{
        return part[a];
    }}
    return 6u64;
}}
fn change(array: &mut [u64; 8], a: u64) {{
    array.*[3usize] = (array.*[3usize] ^ a);
}}
"
    );
    match crate::parse_program(&whole) {
        Ok(program) => Some(program),
        Err(error) => {
            debug_assert!(false, "{error}\n{whole}");
            None
        }
    }
}

/// Arguments for such a program: small numbers, now and then one that makes indices wrap around, and slices that are mostly long enough.
pub fn generate_loop_arguments(seed: u64) -> Vec<Argument> {
    let mut rng = Rng::new(seed ^ 0x6172_6773);
    let mut sizes = Vec::new();
    for _ in 0..3 {
        let size = match rng.below(60) {
            0 => 1 << 62,
            1 => 1 << 63,
            2 => usize::MAX - rng.below(3) as usize,
            _ => rng.below(9) as usize,
        };
        sizes.push(size);
    }
    let mut args: Vec<Argument> = (sizes.iter())
        .map(|&size| Argument::Scalar(Value::from(size)))
        .collect();
    // Sums of bytes overflow in some calls.
    let most_byte = [2, 20, 256][rng.below(3) as usize];
    for slice in 0..8 {
        let len = match rng.below(12) {
            0 => rng.below(20),
            _ => 80 + rng.below(40),
        };
        let value = |rng: &mut Rng| match slice {
            1 => Value::from(rng.below(12) as usize),
            2 => {
                let bits = rng.below(most_byte).into();
                Value::Scalar(Scalar::from_bits(ScalarTy::U8, bits))
            }
            // Sums of few of them are exact.
            3 => match rng.below(40) {
                0 => Value::from(-0.0),
                value => Value::from(f64::from(value) - 8.0),
            },
            7 => Value::Tuple(vec![
                Value::from(u64::from(rng.below(50))),
                Value::from(u64::from(rng.below(50))),
            ]),
            _ => Value::from(u64::from(rng.below(50))),
        };
        args.push(Argument::Slice((0..len).map(|_| value(&mut rng)).collect()));
    }
    let pair = [7u64, 11].map(Value::from).into();
    args.push(Argument::Ref(Value::Tuple(pair)));
    args
}

impl Text {
    pub(super) fn line(&mut self, line: &str) {
        for _ in 0..self.depth {
            self.body.push_str("    ");
        }
        self.body.push_str(line);
        self.body.push('\n');
    }

    pub(super) fn site(&mut self, what: &str) -> String {
        let site = self.n_sites;
        self.n_sites += 1;
        let _ = writeln!(self.sites, "    site @{site} = {what};");
        format!("@{site}")
    }

    /// An operator of integers, checked or not. Divisions are, in every profile.
    pub(super) fn op(&mut self, op: &str, a: &str, b: &str) -> String {
        let site = match self.checks || op == "/" || op == "%" {
            true => self.site(&format!("binary {op}")),
            false => String::new(),
        };
        format!("({a} {op} {b}){site}")
    }

    pub(super) fn pick(&mut self, from: &[&str]) -> String {
        let choice = self.rng.below(from.len() as u32) as usize;
        from.get(choice)
            .map_or_else(String::new, |&text| text.to_owned())
    }

    pub(super) fn inner(&self) -> String {
        self.vars.last().cloned().unwrap_or_else(|| "k".to_owned())
    }

    /// Parts of slices that loops share, which may overlap or not.
    fn setup(&mut self) {
        let half = match self.rng.below(3) {
            0 => "k".to_owned(),
            1 => self.op("/", "y.len()", "2usize"),
            _ => "20usize".to_owned(),
        };
        let (first, second) = (self.site("sub_slice to"), self.site("sub_slice from"));
        let other = self.pick(&["y", "y", "z"]);
        if self.rng.one_in(3) {
            // Whole ones, which may change places.
            self.line("left = &mut y[..];");
            self.line(&format!("right = &mut {other}[..];"));
        } else {
            self.line(&format!("left = &mut y[..{half}]{first};"));
            self.line(&format!("right = &mut {other}[{half}..]{second};"));
            self.line("swapped = &mut left[..];");
        }
        match self.rng.below(5) {
            0 => self.parts.extend(["left".to_owned(), "right".to_owned()]),
            1 => self.parts.push("left".to_owned()),
            _ => {}
        }
    }

    fn bound(&mut self) -> String {
        match self.rng.below(14) {
            0 => "y.len()".to_owned(),
            1 => self.op("-", "n", "1usize"),
            2 => "12usize".to_owned(),
            3 | 4 => "m".to_owned(),
            5 => self.op("/", "n", "2usize"),
            6 => {
                let difference = self.op("-", "n", "k");
                self.op("/", &difference, "2usize")
            }
            7 => "n.min(m)".to_owned(),
            8 => self.op("/", "y.len()", "m"),
            9 => self.op("%", "y.len()", "16usize"),
            _ => "n".to_owned(),
        }
    }

    /// A loop over another type than `usize`.
    fn narrow(&mut self) -> (String, String, String) {
        let var = format!("i{}", self.n_loops);
        let (ty, range, index) = match self.rng.below(5) {
            0 => (
                "i32",
                "-3i32..(m as i32)",
                format!("(({var} + 3i32) as usize)"),
            ),
            1 => ("i32", "0i32..=(n as i32)", format!("({var} as usize)")),
            2 => ("u8", "250u8..=255u8", format!("(({var} - 250u8) as usize)")),
            3 => (
                "i8",
                "-128i8..-120i8",
                format!("(({var} as usize) & 15usize)"),
            ),
            _ => ("i64", "-1i64..9i64", format!("({var} as usize)")),
        };
        let _ = writeln!(self.locals, "    let {var}: {ty};");
        (var, range.to_owned(), index)
    }

    pub(super) fn counted(&mut self) {
        let label = self.n_loops;
        let (var, range, index) = match self.rng.one_in(14) {
            true => self.narrow(),
            false => self.wide(),
        };
        self.n_loops += 1;
        let step = match self.rng.below(10) {
            0 => " step 2usize",
            1 => " step 4usize",
            2 => " step (k | 1usize)",
            _ => "",
        };
        let rev = if self.rng.one_in(8) { " rev" } else { "" };
        self.line(&format!("'{label}: for {var} in {range}{step}{rev} {{"));
        self.depth += 1;
        self.vars.push(index);
        self.labels.push(label);
        let n_parts = self.parts.len();
        let n_stmts = 1 + self.rng.below(3);
        for _ in 0..n_stmts {
            self.stmt();
        }
        self.parts.truncate(n_parts);
        self.labels.pop();
        self.vars.pop();
        self.depth -= 1;
        self.line("}");
    }

    /// A number for a label that no loop has.
    pub(super) fn fresh_label(&mut self) -> u32 {
        self.n_loops += 1;
        self.n_loops - 1
    }

    fn wide(&mut self) -> (String, String, String) {
        let var = format!("i{}", self.n_loops);
        let _ = writeln!(self.locals, "    let {var}: usize;");
        let outer = self.vars.last().cloned();
        let start = match (self.rng.below(8), &outer) {
            (0, _) => "1usize".to_owned(),
            (1, _) => "k".to_owned(),
            (2, Some(outer)) => outer.clone(),
            (3, Some(outer)) => {
                let outer = outer.clone();
                self.op("+", &outer, "1usize")
            }
            _ => "0usize".to_owned(),
        };
        let end = match (self.rng.below(6), &outer) {
            (0, Some(outer)) => outer.clone(),
            _ => self.bound(),
        };
        let range = if self.rng.one_in(8) { "..=" } else { ".." };
        (var.clone(), format!("{start}{range}{end}"), var)
    }

    /// Mostly a formula of the variables around.
    pub(super) fn index(&mut self) -> String {
        let inner = self.vars.last().cloned().unwrap_or_else(|| "k".to_owned());
        let any = self.rng.below(self.vars.len().max(1) as u32) as usize;
        let outer = self
            .vars
            .get(any)
            .cloned()
            .unwrap_or_else(|| "k".to_owned());
        match self.rng.below(20) {
            0..=6 => inner,
            7 => self.op("+", &inner, "1usize"),
            8 => self.op("-", &inner, "1usize"),
            9 => {
                let twice = self.op("*", "2usize", &inner);
                let odd = self.pick(&["0usize", "1usize", "2usize"]);
                self.op("+", &twice, &odd)
            }
            10..=13 => {
                let row = self.pick(&["n", "m", "8usize"]);
                let row = self.op("*", &outer, &row);
                self.op("+", &row, &inner)
            }
            14 => {
                let row = self.pick(&["n", "m"]);
                let row = self.op("*", &inner, &row);
                self.op("+", &row, &outer)
            }
            15 => {
                let last = self.op("-", "n", "1usize");
                self.op("-", &last, &inner)
            }
            16 => self.op("+", &inner, "k"),
            17 => self.pick(&["k", "0usize", "3usize"]),
            18 => {
                let site = self.site("index");
                format!("p[{inner}]{site}")
            }
            _ => self.op("%", &inner, "4usize"),
        }
    }

    pub(super) fn element(&mut self, stored: bool) -> String {
        let index = self.index();
        let site = self.site("index");
        let slice = match self.parts.last().cloned() {
            Some(part) if self.rng.one_in(2) => part,
            _ => {
                let most = if stored { 6 } else { 8 };
                match self.rng.below(most) {
                    // An array of the function.
                    0 if self.rng.one_in(3) => "shared".to_owned(),
                    0..=2 => SLICES[0].to_owned(),
                    3 => SLICES[1].to_owned(),
                    4 | 5 => SLICES[2].to_owned(),
                    _ => SLICES[3].to_owned(),
                }
            }
        };
        format!("{slice}[{index}]{site}")
    }
}
