//! Expressions of integers and floats.

use super::Gen;
use super::types::{BOOL, BYTE, Int, Ty, U32};

impl Gen<'_> {
    pub(crate) fn int_literal(&mut self, int: Int, suffix: bool) -> String {
        let suffix = if suffix {
            int.to_string()
        } else {
            String::new()
        };
        match self.rng.below(16) {
            0 => format!("{int}::MAX"),
            1 if int.signed => format!("{int}::MIN"),
            2 | 3 if int.signed => format!("(-{}{suffix})", 1 + self.rng.below(9)),
            4 => format!("{}{suffix}", self.rng.below(128)),
            5 => {
                format!(
                    "0x{:x}{}",
                    self.rng.below(128),
                    if suffix.is_empty() { "" } else { "_" }
                ) + &suffix
            }
            6 => {
                let (i, ty) = (self.rng.below(self.items.consts.len()), Ty::Int(int));
                match &self.items.consts[i] {
                    (name, of) if *of == ty => name.clone(),
                    (name, Ty::Array(elem, n)) if **elem == ty => {
                        format!("{name}[{}]", self.rng.below(*n))
                    }
                    _ if int == super::types::USIZE => format!("S{}::LIMIT", self.rng.below(5)),
                    _ => format!("(const {{ 3{int} + 4 }})"),
                }
            }
            _ => format!("{}{suffix}", self.rng.below(10)),
        }
    }

    pub(crate) fn float_literal(&mut self, ty: &Ty, suffix: bool) -> String {
        let suffix = if suffix {
            ty.to_string()
        } else {
            String::new()
        };
        match self.rng.below(24) {
            0 => format!("{ty}::INFINITY"),
            1 => format!("{ty}::NAN"),
            2 => format!("{ty}::EPSILON"),
            3 => format!("{ty}::MAX"),
            4 => format!("(-0.0{suffix})"),
            5 => format!("{}e{}{suffix}", 1 + self.rng.below(9), self.rng.below(30)),
            6 => format!("std::{ty}::consts::PI"),
            7 | 8 => format!("(-{}.25{suffix})", self.rng.below(50)),
            _ => {
                let part = self.rng.pick(&["0", "5", "125", "1", "3"]);
                format!("{}.{part}{suffix}", self.rng.below(20))
            }
        }
    }

    /// An integer that is not 0 and not -1, mostly.
    fn divisor(&mut self, int: Int, d: u32) -> String {
        match self.rng.below(8) {
            0 => self.expr(&Ty::Int(int), d),
            1 | 2 => format!("({} | 1)", self.expr(&Ty::Int(int), d)),
            3 => format!("({} & 7 | 2)", self.expr(&Ty::Int(int), d)),
            _ => format!("{}", 2 + self.rng.below(9)),
        }
    }

    pub(crate) fn int(&mut self, int: Int, d: u32) -> String {
        if d == 0 {
            return self.leaf_int(int);
        }
        let ty = Ty::Int(int);
        let d1 = d - 1;
        match self.rng.below(34) {
            32 if self.weight < 20 => self.of_chars(int, d1),
            33 if int == super::types::USIZE => match self.searched() {
                Some(text) => text,
                None => self.leaf_int(int),
            },
            0..=3 => self.leaf_int(int),
            4 => {
                // Overflow is what this is for: not too often.
                let op = self.rng.pick(&["+", "-", "*", "+"]);
                let (a, b) = (self.expr(&ty, d1), self.operand(&ty, d1));
                format!("({a} {op} {b})")
            }
            5 => {
                let (a, b) = (self.leaf_int(int), self.rng.below(4));
                let op = self.rng.pick(&["+", "-", "*"]);
                format!("({a} {op} {b})")
            }
            6 | 7 => {
                let op = self.rng.pick(&["&", "|", "^"]);
                let (a, b) = (self.expr(&ty, d1), self.operand(&ty, d1));
                format!("({a} {op} {b})")
            }
            8 => {
                let op = self.rng.pick(&["/", "%"]);
                let (a, b) = (self.expr(&ty, d1), self.divisor(int, d1));
                format!("({a} {op} {b})")
            }
            9 => {
                let op = self.rng.pick(&["<<", ">>"]);
                let by = self.rng.int();
                let (a, b) = (self.expr(&ty, d1), self.expr(&Ty::Int(by), d1));
                match self.rng.below(10) {
                    0 => format!("({a} {op} {b})"),
                    _ => format!("({a} {op} ({b} & {}))", int.width() - 1),
                }
            }
            10..=12 => {
                let method = self.rng.pick(&[
                    "wrapping_add",
                    "wrapping_sub",
                    "wrapping_mul",
                    "saturating_add",
                    "saturating_sub",
                    "saturating_mul",
                    "min",
                    "max",
                    "midpoint",
                ]);
                let method = match (method, int.signed) {
                    ("midpoint", true) => "wrapping_add",
                    (other, _) => other,
                };
                let (a, b) = (self.expr(&ty, d1), self.bare(&ty, d1));
                format!("{a}.{method}({b})")
            }
            13 => {
                let method =
                    self.rng
                        .pick(&["overflowing_add", "overflowing_sub", "overflowing_mul"]);
                let (a, b) = (self.expr(&ty, d1), self.bare(&ty, d1));
                format!("{a}.{method}({b}).0")
            }
            14 => {
                let method = self.rng.pick(&[
                    "wrapping_div",
                    "wrapping_rem",
                    "div_euclid",
                    "rem_euclid",
                    "wrapping_rem_euclid",
                ]);
                let (a, b) = (self.expr(&ty, d1), self.divisor(int, d1));
                format!("{a}.{method}({b})")
            }
            15 => {
                let method = self.rng.pick(&[
                    "wrapping_shl",
                    "wrapping_shr",
                    "rotate_left",
                    "rotate_right",
                    "wrapping_pow",
                    "saturating_pow",
                    "unbounded_shl",
                ]);
                let (a, b) = (self.expr(&ty, d1), self.expr(&Ty::Int(U32), d1));
                format!("{a}.{method}({b})")
            }
            16 => {
                let mut methods = vec![
                    "swap_bytes",
                    "reverse_bits",
                    "wrapping_neg",
                    "to_be",
                    "to_le",
                ];
                if int.signed {
                    methods.extend(["wrapping_abs", "signum", "saturating_abs", "saturating_neg"]);
                }
                let method = self.rng.choose(&methods).unwrap_or_default();
                format!("{}.{method}()", self.expr(&ty, d1))
            }
            17 if int == U32 => {
                let of = self.rng.int();
                let method = self.rng.pick(&[
                    "count_ones",
                    "count_zeros",
                    "leading_zeros",
                    "trailing_zeros",
                    "leading_ones",
                    "trailing_ones",
                ]);
                format!("{}.{method}()", self.expr(&Ty::Int(of), d1))
            }
            17 if !int.signed => {
                let signed = Int {
                    signed: true,
                    ..int
                };
                let of = if self.rng.one_in(2) { signed } else { int };
                let a = self.expr(&Ty::Int(of), d1);
                match of.signed && self.rng.one_in(2) {
                    true => format!("{a}.unsigned_abs()"),
                    false => format!("{a}.abs_diff({})", self.bare(&Ty::Int(of), d1)),
                }
            }
            17 => format!("(-{})", self.expr(&ty, d1)),
            18 => format!("(!{})", self.expr(&ty, d1)),
            19..=21 => {
                let from = match self.rng.below(12) {
                    0 => BOOL,
                    1 => Ty::Enum(self.rng.below(self.items.enums.len())),
                    _ => self.rng.scalar(),
                };
                format!("({} as {int})", self.expr(&from, d1))
            }
            22 => {
                // A conversion that loses nothing.
                let narrower: Vec<Int> = [8, 16, 32, 64]
                    .into_iter()
                    .flat_map(|bits| [true, false].map(|signed| Int { bits, signed }))
                    .filter(|from| {
                        from.bits < int.bits && (from.signed == int.signed || int.signed)
                    })
                    .collect();
                match self.rng.choose(&narrower) {
                    Some(from) => {
                        let e = self.bare(&Ty::Int(from), d1);
                        format!("{int}::from({e})")
                    }
                    None => self.leaf_int(int),
                }
            }
            23 => {
                let from = self.rng.int();
                let (e, other) = (self.bare(&Ty::Int(from), d1), self.bare(&ty, d1));
                format!("{int}::try_from({e}).unwrap_or({other})")
            }
            24 => {
                let low = self.rng.below(20);
                let high = low + self.rng.below(50);
                format!("{}.clamp({low}, {high})", self.expr(&ty, d1))
            }
            25 => {
                let e = self.expr(&ty, d1);
                let method = self.rng.pick(&["pow(2)", "isqrt()", "pow(3)", "abs()"]);
                match method {
                    "isqrt()" => format!("({e} & 127).isqrt()"),
                    "abs()" if !int.signed => e,
                    "abs()" => format!("{e}.abs()"),
                    _ => format!("({e} & 15).{method}"),
                }
            }
            26 | 27 if int.bits == 0 && !int.signed => {
                let mut slices = self.readable();
                slices.retain(|&i| self.scope[i].is_slice());
                match self.rng.choose(&slices) {
                    Some(i) => format!("{}.len()", self.scope[i].name),
                    None => self.leaf_int(int),
                }
            }
            _ => self.number_of_items(&ty, d1),
        }
    }

    pub(crate) fn float(&mut self, ty: &Ty, d: u32) -> String {
        if d == 0 {
            return self.leaf(ty);
        }
        let d1 = d - 1;
        match self.rng.below(20) {
            0 | 1 => self.leaf(ty),
            2..=7 => {
                let op = self.rng.pick(&["+", "-", "*", "/", "+", "*", "%"]);
                let (a, b) = (self.expr(ty, d1), self.operand(ty, d1));
                format!("({a} {op} {b})")
            }
            8 => format!("(-{})", self.expr(ty, d1)),
            9 | 10 => {
                let from = match self.rng.below(6) {
                    0 => Ty::F32,
                    1 => Ty::F64,
                    _ => Ty::Int(self.rng.int()),
                };
                format!("({} as {ty})", self.expr(&from, d1))
            }
            11 => {
                // Which zero these return is open.
                let method = self.rng.pick(&["min", "max"]);
                let (a, b) = (self.expr(ty, d1), self.bare(ty, d1));
                format!("({a}.{method}({b}) + 0.0)")
            }
            12 => {
                let (a, b, c) = (self.expr(ty, d1), self.bare(ty, d1), self.bare(ty, d1));
                format!("{a}.mul_add({b}, {c})")
            }
            13 => {
                let method = self.rng.pick(&[
                    "sin", "cos", "exp", "ln", "tanh", "cbrt", "exp2", "log10", "atan", "ln_1p",
                ]);
                format!("{}.{method}()", self.expr(ty, d1))
            }
            14 => {
                let method = self
                    .rng
                    .pick(&["hypot", "atan2", "powf", "rem_euclid", "div_euclid"]);
                let (a, b) = (self.expr(ty, d1), self.bare(ty, d1));
                format!("{a}.{method}({b})")
            }
            15 => format!("{}.powi({})", self.expr(ty, d1), self.rng.below(5)),
            16 => format!("{}.clamp(0.5, 7.0)", self.expr(ty, d1)),
            17 | 18 => {
                let method = self.rng.pick(&[
                    "sqrt",
                    "abs",
                    "floor",
                    "ceil",
                    "trunc",
                    "round",
                    "fract",
                    "signum",
                    "recip",
                    "round_ties_even",
                    "to_radians",
                ]);
                format!("{}.{method}()", self.expr(ty, d1))
            }
            _ => self.number_of_items(ty, d1),
        }
    }

    /// A number made of a range of characters.
    pub(crate) fn of_chars(&mut self, int: Int, d: u32) -> String {
        let first = self.bare(&Ty::Int(BYTE), d);
        let range = match self.rng.below(5) {
            0 => "('\\u{d7f8}'..'\\u{e006}')".to_owned(),
            1 => "('a'..='z')".to_owned(),
            2 => format!("(char::from({first})..='\\u{{110}}')"),
            3 => format!("('@'..char::from({first})).rev()"),
            _ => format!(
                "('\\u{{d7ff}}'..=char::from({first})).chain('\\u{{d7f0}}'..='\\u{{e001}}')"
            ),
        };
        let step = 1 + self.rng.below(4);
        let start = self.int_literal(int, true);
        let (h, c) = (self.fresh("h"), self.fresh("c"));
        match self.rng.below(3) {
            0 => format!("(({range}.count() % 100) as {int})"),
            1 => format!("({range}.filter(|{c}| {c}.is_ascii_lowercase()).count() as {int})"),
            _ => format!(
                "{range}.step_by({step}).fold({start}, |{h}, {c}| {h}.wrapping_mul(31) ^ ({c} as {int}))"
            ),
        }
    }

    /// Where in a slice something is, or would be.
    pub(crate) fn searched(&mut self) -> Option<String> {
        let mut slices = self.readable();
        slices.retain(|&i| {
            let var = &self.scope[i];
            var.is_slice() && matches!(var.ty, Ty::Int(_) | Ty::F32 | Ty::F64)
        });
        let slice = self.rng.choose(&slices)?;
        let (name, ty) = (self.scope[slice].name.clone(), self.scope[slice].ty.clone());
        let x = self.fresh("x");
        Some(match &ty {
            Ty::Int(int) if self.rng.one_in(2) => {
                let wanted = self.int_literal(*int, true);
                format!("{name}.binary_search(&{wanted}).unwrap_or_else(|{x}| {x})")
            }
            Ty::Int(int) => {
                let limit = self.int_literal(*int, true);
                format!("{name}.partition_point(|{x}| *{x} < {limit})")
            }
            ty => {
                let limit = self.float_literal(ty, true);
                format!("{name}.partition_point(|&{x}| {x} < {limit})")
            }
        })
    }
}
