//! Random loops over shared arrays, most of them nearly independent: for whoever decides which loops may run in parallel.

use std::fmt::Write;

use super::Rng;
use crate::eval::{Argument, Value};
use crate::func::Program;

/// The slices of a program, the first three of them mutable.
const SLICES: [&str; 4] = ["y", "z", "w", "x"];

struct Text {
    rng: Rng,
    locals: String,
    sites: String,
    body: String,
    n_sites: u32,
    n_loops: u32,
    /// Whether integer overflow is checked.
    checks: bool,
    /// The variables around, the innermost last.
    vars: Vec<String>,
    /// Slices that are in scope besides the parameters.
    parts: Vec<String>,
    depth: usize,
}

/// A program whose first function has the parameters `n`, `m`, `k`, `x`, `p`, `y`, `z`, `w`, and a few loops; the same for the same seed.
/// `None` if its text is none, which is a mistake here.
pub fn generate_loops(seed: u64) -> Option<Program> {
    let mut rng = Rng::new(seed ^ 0x6c6f_6f70);
    let checks = rng.one_in(3);
    let mut text = Text {
        rng,
        locals: String::new(),
        sites: String::new(),
        body: String::new(),
        n_sites: 0,
        n_loops: 0,
        checks,
        vars: Vec::new(),
        parts: Vec::new(),
        depth: 1,
    };
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
    let whole = format!(
        "fn \"loops\"(n: usize, m: usize, k: usize, x: &[u64], p: &[usize], y: &mut [u64], z: &mut [u64], w: &mut [u64]) -> (u64, u64, usize, bool) {{
    let mut s: u64;
    let mut best: u64;
    let mut found: usize;
    let mut flag: bool;
    let mut t: u64;
    let mut own: [u64; 8];
    let mut shared: [u64; 64];
{locals}{sites}    s = 0u64;
    best = 1000u64;
    found = 0usize;
    flag = false;
    t = 5u64;
    own = [0u64; 8];
    shared = [3u64; 64];
{body}    s = (s ^ {last});
    return (s, best, found, flag);
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
    for slice in 0..5 {
        let len = match rng.below(12) {
            0 => rng.below(20),
            _ => 80 + rng.below(40),
        };
        let value = |rng: &mut Rng| match slice {
            1 => Value::from(rng.below(12) as usize),
            _ => Value::from(u64::from(rng.below(50))),
        };
        args.push(Argument::Slice((0..len).map(|_| value(&mut rng)).collect()));
    }
    args
}

impl Text {
    fn line(&mut self, line: &str) {
        for _ in 0..self.depth {
            self.body.push_str("    ");
        }
        self.body.push_str(line);
        self.body.push('\n');
    }

    fn site(&mut self, what: &str) -> String {
        let site = self.n_sites;
        self.n_sites += 1;
        let _ = writeln!(self.sites, "    site @{site} = {what};");
        format!("@{site}")
    }

    /// An operator of `usize`, checked or not.
    fn op(&mut self, op: &str, a: &str, b: &str) -> String {
        let site = match self.checks {
            true => self.site(&format!("binary {op}")),
            false => String::new(),
        };
        format!("({a} {op} {b}){site}")
    }

    fn pick(&mut self, from: &[&str]) -> String {
        let choice = self.rng.below(from.len() as u32) as usize;
        from.get(choice)
            .map_or_else(String::new, |&text| text.to_owned())
    }

    fn bound(&mut self) -> String {
        match self.rng.below(8) {
            0 => "y.len()".to_owned(),
            1 => self.op("-", "n", "1usize"),
            2 => "12usize".to_owned(),
            3 | 4 => "m".to_owned(),
            5 => self.op("/", "n", "2usize"),
            _ => "n".to_owned(),
        }
    }

    fn counted(&mut self) {
        let var = format!("i{}", self.n_loops);
        let label = self.n_loops;
        self.n_loops += 1;
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
        let mut end = match (self.rng.below(6), &outer) {
            (0, Some(outer)) => outer.clone(),
            _ => self.bound(),
        };
        // A division has a site in every profile.
        if end.contains(" / ") && !end.contains('@') {
            let site = self.site("binary /");
            end.push_str(&site);
        }
        let range = if self.rng.one_in(8) { "..=" } else { ".." };
        let step = match self.rng.below(6) {
            0 => " step 2usize",
            1 if self.rng.one_in(2) => " step 4usize",
            _ => "",
        };
        let rev = if self.rng.one_in(8) { " rev" } else { "" };
        self.line(&format!(
            "'{label}: for {var} in {start}{range}{end}{step}{rev} {{"
        ));
        self.depth += 1;
        self.vars.push(var);
        let n_parts = self.parts.len();
        let n_stmts = 1 + self.rng.below(3);
        for _ in 0..n_stmts {
            self.stmt();
        }
        self.parts.truncate(n_parts);
        self.vars.pop();
        self.depth -= 1;
        self.line("}");
    }

    /// Mostly a formula of the variables around.
    fn index(&mut self) -> String {
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
            _ => {
                let site = self.site("binary %");
                format!("({inner} % 4usize){site}")
            }
        }
    }

    fn element(&mut self, stored: bool) -> String {
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

    fn value(&mut self) -> String {
        let inner = self.vars.last().cloned().unwrap_or_else(|| "k".to_owned());
        match self.rng.below(6) {
            0 => format!("({inner} as u64)"),
            1 => {
                let (a, b) = (self.element(false), self.element(false));
                format!("({a} ^ {b})")
            }
            2 => {
                let a = self.element(false);
                format!("({a} + 3u64)")
            }
            3 if self.rng.one_in(3) => "t".to_owned(),
            _ => self.element(false),
        }
    }

    fn stmt(&mut self) {
        let inner = self.vars.last().cloned().unwrap_or_else(|| "k".to_owned());
        match self.rng.below(20) {
            0..=7 => {
                let (to, value) = (self.element(true), self.value());
                self.line(&format!("{to} = {value};"));
            }
            8 => {
                let (to, value) = (self.element(true), self.value());
                self.line(&format!("{to} = ({to} + {value});"));
            }
            9 | 10 if self.depth < 4 => self.counted(),
            11 => {
                let value = self.value();
                let site = match self.checks {
                    true => self.site("binary +"),
                    false => String::new(),
                };
                let line = match self.rng.below(5) {
                    0 => format!("s = s.max({value});"),
                    1 => format!("s = (s ^ {value});"),
                    2 => format!("s = (s * ({value} | 1u64));"),
                    _ => format!("s = (s + {value}){site};"),
                };
                self.line(&line);
            }
            12 => {
                let value = self.element(false);
                let strict = self.pick(&["<", "<", "<="]);
                self.line(&format!("if ({value} {strict} best) {{"));
                self.line(&format!("    best = {value};"));
                if self.rng.one_in(2) {
                    self.line(&format!("    found = {inner};"));
                }
                self.line("}");
            }
            13 => {
                let value = self.value();
                self.line(&format!("t = {value};"));
                let to = self.element(true);
                self.line(&format!("{to} = (t + 1u64);"));
            }
            14 => {
                let cond = match self.rng.below(3) {
                    0 => format!("({inner} < k)"),
                    1 => format!("({inner} != 0usize)"),
                    _ => {
                        let value = self.element(false);
                        format!("({value} < 20u64)")
                    }
                };
                self.line(&format!("if {cond} {{"));
                let n_parts = self.parts.len();
                self.depth += 1;
                self.stmt();
                self.depth -= 1;
                self.parts.truncate(n_parts);
                self.line("}");
            }
            15 => {
                let value = self.element(false);
                self.line(&format!("if ({value} == 7u64) {{"));
                let line = match self.rng.below(3) {
                    0 => "    s = (s + 1u64);",
                    1 => "    found = (found | 1usize);",
                    _ => "    flag = true;",
                };
                self.line(line);
                self.line("}");
            }
            16 => self.part(&inner),
            17 => {
                let (a, to) = (self.value(), self.element(true));
                self.line(&format!("t = fn#1({a}, 4u64);"));
                self.line(&format!("{to} = t;"));
            }
            18 => {
                // An array of the iteration's own.
                self.line("own = [1u64; 8];");
                let value = self.value();
                let site = self.site("binary %");
                self.line(&format!("own[({inner} % 8usize){site}] = {value};"));
                let to = self.element(true);
                self.line(&format!("{to} = (own[3usize] + own[1usize]);"));
            }
            _ => {
                let value = self.value();
                let op = self.pick(&["+", "-", "|"]);
                self.line(&format!("t = (t {op} {value});"));
            }
        }
    }

    /// A part of a slice that is stored to, and something that uses it.
    fn part(&mut self, inner: &str) {
        let name = format!("r{}", self.n_sites);
        let _ = writeln!(self.locals, "    let {name}: &mut [u64];");
        let length = self.pick(&["m", "n", "4usize"]);
        let row = self.pick(&["m", "n", "4usize"]);
        let start = self.op("*", inner, &row);
        let end = self.op("+", &start, &length);
        let site = self.site("sub_slice both");
        let whole = self.pick(&["y", "z"]);
        self.line(&format!("{name} = &mut {whole}[{start}..{end}]{site};"));
        if self.rng.one_in(3) {
            self.line(&format!("fn#2({name}, ({inner} as u64));"));
            return;
        }
        self.parts.push(name);
        if self.depth < 4 && self.rng.one_in(2) {
            self.counted();
        } else {
            self.stmt();
        }
    }
}
