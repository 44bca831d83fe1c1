//! What is in random loops: stores, reductions, private arrays, parts of slices.

use std::fmt::Write;

use super::loops::Text;

impl Text {
    pub(super) fn value(&mut self) -> String {
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

    pub(super) fn stmt(&mut self) {
        let inner = self.inner();
        match self.rng.below(33) {
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
                let line = match self.habit % 5 {
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
                let to = self.op("%", &inner, "8usize");
                self.line(&format!("own[{to}] = {value};"));
                let to = self.element(true);
                self.line(&format!("{to} = (own[3usize] + own[1usize]);"));
            }
            19 => {
                let value = self.value();
                let op = self.pick(&["+", "-", "|"]);
                self.line(&format!("t = (t {op} {value});"));
            }
            20..=24 => self.reduction(&inner),
            25 => self.histogram(&inner),
            26 => self.private_array(&inner),
            27 => self.lent(&inner),
            28 => self.control(&inner),
            29 => self.pairs(&inner),
            30 => self.trapping(&inner),
            31 => self.behind_reference(),
            _ => self.swap(),
        }
    }

    fn block(&mut self, head: &str) {
        self.line(&format!("{head} {{"));
        let n_parts = self.parts.len();
        self.depth += 1;
        self.stmt();
        self.depth -= 1;
        self.parts.truncate(n_parts);
        self.line("}");
    }

    fn condition(&mut self, inner: &str) -> String {
        match self.rng.below(4) {
            0 => format!("({inner} < k)"),
            1 => format!("({inner} != 2usize)"),
            2 => {
                let value = self.element(false);
                format!("({value} < 20u64)")
            }
            _ => {
                let value = self.element(false);
                format!("(({inner} > 1usize) && ({value} > 9u64))")
            }
        }
    }

    /// Mostly the form that the program has a habit of.
    fn habitual(&mut self, bits: u32, forms: u32) -> u32 {
        match self.rng.one_in(6) {
            true => self.rng.below(forms),
            false => (self.habit >> bits) % forms,
        }
    }

    fn reduction(&mut self, inner: &str) {
        let site = self.site("index");
        let byte = format!("b[{inner}]{site}");
        let site = self.site("index");
        let float = format!("f[{inner}]{site}");
        let line = match self.rng.below(7) {
            0 | 1 => match self.habitual(2, 7) {
                0 => {
                    let site = self.site("binary +");
                    format!("c = (c + {byte}){site};")
                }
                1 => format!("c = c.wrapping_add({byte});"),
                2 => format!("c = (c + {byte});"),
                3 => {
                    let site = self.site("binary +");
                    format!("c = ({byte} + c){site}.wrapping_add(3u8);")
                }
                4 => {
                    let (one, two) = (self.site("binary +"), self.site("binary +"));
                    format!("c = ((c + {byte}){one} + 1u8){two};")
                }
                5 => {
                    let (site, cond) = (self.site("binary +"), self.condition(inner));
                    format!("c = if {cond} {{ (c + {byte}){site} }} else {{ c }};")
                }
                _ => {
                    let site = self.site("binary -");
                    format!("c = (c - {byte}){site};")
                }
            },
            2 => match self.habitual(5, 4) {
                0 => {
                    let site = self.site("binary +");
                    format!("d = (d + 1i8){site};")
                }
                1 => format!("d = d.wrapping_mul(({byte} as i8));"),
                2 => {
                    let site = self.site("binary +");
                    format!("d = (d + ({byte} as i8)){site};")
                }
                _ => format!("d = d.min(({byte} as i8));"),
            },
            3 => match self.habitual(8, 5) {
                0 => format!("total = (total + {float});"),
                1 => format!("total = {float}.mul_add(2f64, total);"),
                2 => format!("total = total.max({float});"),
                3 => format!("total = ((total + {float}) - 3f64);"),
                _ => {
                    let cond = self.condition(inner);
                    format!("total = if {cond} {{ (total + {float}) }} else {{ total }};")
                }
            },
            4 => match self.habitual(10, 3) {
                0 => {
                    let cond = self.condition(inner);
                    format!("all = (all && {cond});")
                }
                1 => {
                    let cond = self.condition(inner);
                    format!("all = (all & {cond});")
                }
                _ => {
                    let cond = self.condition(inner);
                    format!("if {cond} {{ all = false; }}")
                }
            },
            _ => return self.extremum(inner, &float),
        };
        match self.rng.one_in(4) {
            true => {
                let cond = self.condition(inner);
                self.line(&format!("if {cond} {{ {line} }}"));
            }
            false => self.line(&line),
        }
    }

    /// The least value, where it is, and what else is assigned there.
    fn extremum(&mut self, inner: &str, float: &str) {
        let habit = self.habitual(12, 8);
        let compare = match habit {
            0..=3 => format!("({float} < low)"),
            4 => format!("(low > {float})"),
            5 => format!("({float} <= low)"),
            6 => {
                let cond = self.condition(inner);
                format!("({cond} && ({float} < low))")
            }
            _ => format!("({float} > low)"),
        };
        if self.rng.one_in(6) {
            self.line(&format!(
                "low = if ({float} < low) {{ {float} }} else {{ low }};"
            ));
            return;
        }
        self.line(&format!("if {compare} {{"));
        let mut notes = vec![format!("low = {float};")];
        if self.rng.one_in(2) {
            notes.push(format!("spot = {inner};"));
        }
        if self.rng.one_in(3) {
            let value = self.element(false);
            notes.push(format!("note = {value};"));
        }
        if self.rng.one_in(5) {
            notes.push(format!("t = ({inner} as u64);"));
        }
        if self.rng.one_in(12) {
            notes.push("flag = true;".to_owned());
        }
        if self.rng.one_in(2) {
            notes.reverse();
        }
        for note in notes {
            self.line(&format!("    {note}"));
        }
        self.line("}");
        if self.rng.one_in(12) {
            let to = self.element(true);
            self.line(&format!("{to} = (note + (spot as u64));"));
        }
    }

    fn histogram(&mut self, inner: &str) {
        let site = self.site("index");
        let at = match self.rng.below(3) {
            0 => format!("p[{inner}]{site}"),
            1 => {
                let scaled = format!("(p[{inner}]{site} * 7usize)");
                self.op("%", &scaled, "11usize")
            }
            _ => format!("(b[{inner}]{site} as usize)"),
        };
        let array = self.pick(&["w", "w", "shared", "z"]);
        let value = match self.rng.below(3) {
            0 => "1u64".to_owned(),
            1 => format!("({inner} as u64)"),
            _ => {
                let site = self.site("index");
                format!("x[{inner}]{site}")
            }
        };
        let op = match self.habitual(4, 5) {
            0 => "^",
            1 => "*",
            2 => "-",
            _ => "+",
        };
        let (to, from) = (self.site("index"), self.site("index"));
        let check = match self.checks && self.rng.one_in(2) && op != "^" {
            true => self.site(&format!("binary {op}")),
            false => String::new(),
        };
        let line = format!("{array}[{at}]{to} = ({array}[{at}]{from} {op} {value}){check};");
        match self.rng.one_in(3) {
            true => {
                let cond = self.condition(inner);
                self.line(&format!("if {cond} {{ {line} }}"));
            }
            false => self.line(&line),
        }
    }

    /// An array that each iteration fills, or does not quite.
    fn private_array(&mut self, inner: &str) {
        let var = format!("e{}", self.n_sites);
        let _ = writeln!(self.locals, "    let {var}: usize;");
        let label = self.fresh_label();
        let whole = self.rng.below(4);
        if whole == 1 {
            let cond = self.condition(inner);
            self.line(&format!("if {cond} {{ own = [2u64; 8]; }}"));
        } else if whole > 1 {
            self.line("own = [2u64; 8];");
        }
        let value = self.element(false);
        self.line(&format!("'{label}: for {var} in 0usize..8usize {{"));
        self.line(&format!("    own[{var}] = ({value} + ({var} as u64));"));
        self.line("}");
        if self.rng.one_in(3) {
            self.line(&format!("fn#4(&mut own, ({inner} as u64));"));
        }
        let to = self.element(true);
        let from = self.op("%", inner, "8usize");
        self.line(&format!("{to} = own[{from}];"));
    }

    /// A mutable borrow by which nothing is stored.
    fn lent(&mut self, inner: &str) {
        let name = format!("r{}", self.n_sites);
        let array = self.pick(&["y", "shared", "w"]);
        match self.rng.below(3) {
            0 => {
                let _ = writeln!(self.locals, "    let {name}: &mut [u64];");
                self.line(&format!("{name} = &mut {array}[..];"));
                let site = self.site("index");
                let to = self.element(true);
                self.line(&format!("{to} = {name}[{inner}]{site};"));
            }
            1 => {
                let _ = writeln!(self.locals, "    let {name}: &mut [u64];");
                self.line(&format!("{name} = &mut {array}[..];"));
                let to = self.element(true);
                self.line(&format!("{to} = ({name}.len() as u64);"));
            }
            _ => {
                self.line(&format!("t = fn#3(&mut {array}[..], {inner});"));
                let to = self.element(true);
                self.line(&format!("{to} = t;"));
            }
        }
    }

    /// Loops without a count, blocks and iterations that are left early.
    fn control(&mut self, inner: &str) {
        match self.rng.below(4) {
            0 => {
                let name = format!("v{}", self.n_sites);
                let _ = writeln!(self.locals, "    let mut {name}: usize;");
                let label = self.fresh_label();
                self.line(&format!("{name} = ({inner} & 31usize);"));
                self.line(&format!("'{label}: while ({name} > 2usize) {{"));
                self.line(&format!("    {name} = ({name} - 2usize);"));
                let (to, value) = (self.element(true), self.value());
                self.line(&format!("    {to} = {value};"));
                self.line("}");
            }
            1 => {
                let label = self.fresh_label();
                let cond = self.condition(inner);
                self.line(&format!("'{label}: {{"));
                self.line(&format!("    if {cond} {{ break '{label}; }}"));
                let n_parts = self.parts.len();
                self.depth += 1;
                self.stmt();
                self.depth -= 1;
                self.parts.truncate(n_parts);
                self.line("}");
            }
            2 => {
                let cond = self.condition(inner);
                if let Some(label) = self.labels.last() {
                    self.line(&format!("if {cond} {{ continue '{label}; }}"));
                }
                self.stmt();
            }
            _ => {
                let cond = self.condition(inner);
                self.block(&format!("if {cond}"));
            }
        }
    }

    /// Fields of elements.
    fn pairs(&mut self, inner: &str) {
        let index = match self.rng.one_in(3) {
            true => self.index(),
            false => inner.to_owned(),
        };
        let (to, from) = (self.site("index"), self.site("index"));
        let (field, other) = (self.pick(&["0", "0", "1"]), self.pick(&["1", "1", "0"]));
        match self.rng.below(3) {
            0 => {
                let value = self.value();
                self.line(&format!("q[{inner}]{to}.{field} = {value};"));
            }
            1 => self.line(&format!(
                "q[{inner}]{to}.{field} = (q[{index}]{from}.{other} + 1u64);"
            )),
            _ => self.line(&format!(
                "q[{inner}]{to} = (q[{inner}]{from}.1, ({inner} as u64));"
            )),
        }
    }

    /// An accumulator behind a reference.
    fn behind_reference(&mut self) {
        let value = self.value();
        let field = self.pick(&["0", "0", "0", "1"]);
        let op = self.pick(&["^", "+"]);
        match self.rng.below(8) {
            0 => self.line(&format!("acc.*.{field} = {value};")),
            1 => {
                let to = self.element(true);
                self.line(&format!("{to} = acc.*.{field};"));
            }
            _ => self.line(&format!("acc.*.{field} = (acc.*.{field} {op} {value});")),
        }
    }

    /// What traps in some iterations.
    fn trapping(&mut self, inner: &str) {
        match self.rng.below(3) {
            0 => {
                let value = self.element(false);
                let site = self.site("panic");
                self.line(&format!("if ({value} == 13u64) {{ trap {site}; }}"));
            }
            1 => {
                let value = self.element(false);
                let quotient = self.op("/", "1000u64", &value);
                let to = self.element(true);
                self.line(&format!("{to} = {quotient};"));
            }
            _ => {
                let site = self.site("panic");
                self.line(&format!("if ({inner} == (k + 3usize)) {{ trap {site}; }}"));
            }
        }
    }

    /// Buffers that change places.
    fn swap(&mut self) {
        let inner = self.inner();
        if self.labels.len() == 1 && self.rng.one_in(2) {
            let n_parts = self.parts.len();
            self.parts.push("left".to_owned());
            self.parts.push("right".to_owned());
            self.counted();
            self.parts.truncate(n_parts);
            self.line("swapped = &mut left[..];");
            self.line("left = &mut right[..];");
            self.line("right = &mut swapped[..];");
            return;
        }
        let (one, two) = (self.site("index"), self.site("index"));
        self.line(&format!("left[{inner}]{one} = right[{inner}]{two};"));
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
        let end = match self.rng.below(3) {
            0 => format!("{end}.min({whole}.len())"),
            1 => {
                let _ = writeln!(self.locals, "    let mut e{name}: usize;");
                self.line(&format!("e{name} = {end}.min({whole}.len());"));
                if self.rng.one_in(6) {
                    let cond = self.condition(inner);
                    self.line(&format!("if {cond} {{ e{name} = (e{name} + 1usize); }}"));
                }
                format!("e{name}")
            }
            _ => end,
        };
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
