//! Enums whose variants have fields, and operators of structs.

use std::fmt::Write as _;

use super::Gen;
use super::items::Items;
use super::rng::Rng;
use super::scope::Kind;
use super::types::Ty;

impl Items {
    /// `D0` and `D1`, and what makes and compares their values.
    pub(crate) fn data_enums(&mut self, rng: &mut Rng, text: &mut String) {
        for i in 0..2 {
            let variants: Vec<Vec<Ty>> = (0..2 + rng.below(3))
                .map(|_| (0..rng.below(3)).map(|_| self.field(rng)).collect())
                .collect();
            let repr = rng.pick(&["u8", "C", "i32", "C, u16"]);
            let (mut declared, mut made, mut same) = (String::new(), String::new(), String::new());
            for (v, fields) in variants.iter().enumerate() {
                let tys: Vec<String> = fields.iter().map(Ty::to_string).collect();
                let values = vec!["Value::arbitrary(rng)"; fields.len()].join(", ");
                let names = |letter: &str| {
                    let names: Vec<String> =
                        (0..fields.len()).map(|f| format!("{letter}{f}")).collect();
                    names.join(", ")
                };
                let compared: Vec<String> = (0..fields.len())
                    .map(|f| format!(" && a{f}.same(b{f})"))
                    .collect();
                let _ = match fields.is_empty() {
                    true => write!(declared, "V{v}, "),
                    false => write!(declared, "V{v}({}), ", tys.join(", ")),
                };
                let of = |inner: String| {
                    if fields.is_empty() {
                        String::new()
                    } else {
                        format!("({inner})")
                    }
                };
                let _ = writeln!(made, "            {v} => D{i}::V{v}{},", of(values));
                let _ = writeln!(
                    same,
                    "            (D{i}::V{v}{}, D{i}::V{v}{}) => true{},",
                    of(names("a")),
                    of(names("b")),
                    compared.concat()
                );
            }
            let _ = writeln!(
                text,
                "#[repr({repr})] #[derive(Clone, Copy, Debug, PartialEq, JitType)]\nenum D{i} {{ {declared}}}\n\
                 impl Value for D{i} {{\n    fn arbitrary(rng: &mut Numbers) -> Self {{\n        match usize::arbitrary(rng) % {n} {{\n{made}            _ => unreachable!(),\n        }}\n    }}\n    \
                 fn same(&self, other: &Self) -> bool {{\n        match (self, other) {{\n{same}            _ => false,\n        }}\n    }}\n}}",
                n = variants.len()
            );
            self.data.push(variants);
        }
    }

    fn field(&self, rng: &mut Rng) -> Ty {
        match rng.below(5) {
            0 => Ty::Array(Box::new(rng.scalar()), 1 + rng.below(3)),
            1 => Ty::Enum(rng.below(self.enums.len())),
            _ => rng.scalar(),
        }
    }

    /// Operators of a struct, jitted and not.
    pub(crate) fn operators_of(&mut self, rng: &mut Rng, i: usize, text: &mut String) {
        for (name, op) in [("Add", "+"), ("Mul", "*"), ("BitXor", "^")] {
            if !rng.one_in(2) {
                continue;
            }
            let fields = &self.structs[i];
            let values: Vec<String> = (fields.iter())
                .map(|(field, ty)| {
                    let value = match ty {
                        Ty::Int(_) if rng.one_in(3) => format!("self.{field} - other.{field}"),
                        Ty::Int(_) => {
                            let method = rng.pick(&["wrapping_add", "wrapping_mul", "max"]);
                            format!("self.{field}.{method}(other.{field})")
                        }
                        Ty::F32 | Ty::F64 => {
                            let op = rng.pick(&["+", "-", "*"]);
                            format!("self.{field} {op} other.{field}")
                        }
                        Ty::Bool => format!("self.{field} != other.{field}"),
                        _ => format!("{}.{field}", rng.pick(&["self", "other"])),
                    };
                    format!("{field}: {value}")
                })
                .collect();
            let attribute = rng.pick(&["#[jit]", "#[jit]", ""]);
            let method = match name {
                "BitXor" => "bitxor",
                "Mul" => "mul",
                _ => "add",
            };
            let _ = writeln!(
                text,
                "{attribute}\nimpl std::ops::{name} for S{i} {{\n    type Output = S{i};\n    fn {method}(self, other: S{i}) -> S{i} {{\n        S{i} {{ {} }}\n    }}\n}}",
                values.join(", ")
            );
            self.operators.push((i, op));
        }
    }
}

impl Gen<'_> {
    /// A variant with its fields.
    pub(crate) fn variant(&mut self, i: usize, d: u32) -> String {
        let v = self.rng.below(self.items.data[i].len());
        let fields = self.items.data[i][v].clone();
        if fields.is_empty() {
            return format!("D{i}::V{v}");
        }
        let values: Vec<String> = (fields.iter())
            .map(|ty| match d {
                0 => self.leaf(ty),
                _ => self.bare(ty, d - 1),
            })
            .collect();
        format!("D{i}::V{v}({})", values.join(", "))
    }

    /// A `match` on an enum whose variants have fields.
    pub(crate) fn data_match(&mut self, ty: &Ty, d: u32) -> String {
        let i = self.rng.below(self.items.data.len());
        let variants = self.items.data[i].clone();
        let of = self.expr(&Ty::Data(i), d);
        let mut arms = String::new();
        let skipped = match self.rng.one_in(2) {
            true => Some(self.rng.below(variants.len())),
            false => None,
        };
        for (v, fields) in variants.iter().enumerate() {
            if skipped == Some(v) {
                continue;
            }
            let mark = self.mark();
            let mut names = Vec::new();
            for field in fields {
                let name = self.fresh("f");
                self.declare(&name, field.clone(), Kind::Value);
                names.push(name);
            }
            let guard = match self.rng.one_in(5) && skipped.is_some() {
                true => format!(" if {}", self.pure(|g| g.bare(&Ty::Bool, d))),
                false => String::new(),
            };
            let value = self.bare(ty, d);
            self.restore(&mark);
            let names = match names.is_empty() {
                true => String::new(),
                false => format!("({})", names.join(", ")),
            };
            arms += &format!("D{i}::V{v}{names}{guard} => {value}, ");
        }
        if skipped.is_some() {
            let value = self.bare(ty, d);
            arms += &format!("_ => {value}");
        }
        format!("(match {of} {{ {arms} }})")
    }

    /// An operator of a struct.
    pub(crate) fn struct_operator(&mut self, i: usize, d: u32) -> Option<String> {
        let operators: Vec<&str> = (self.items.operators.iter())
            .filter(|(of, _)| *of == i)
            .map(|(_, op)| *op)
            .collect();
        let op = self.rng.choose(&operators)?;
        let (a, b) = (
            self.expr(&Ty::Struct(i), d - 1),
            self.expr(&Ty::Struct(i), d - 1),
        );
        Some(format!("({a} {op} {b})"))
    }
}
