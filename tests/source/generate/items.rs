//! What functions of one batch have in common: structs, enums, constants, and the functions that they call.

use std::fmt::Write as _;

use super::rng::Rng;
use super::types::{I32, Ty, USIZE};

/// A parameter of a function.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) kind: super::scope::Kind,
    pub(crate) mutable: bool,
}

impl Param {
    pub(crate) fn new(name: &str, ty: Ty, kind: super::scope::Kind) -> Self {
        Param {
            name: name.to_owned(),
            ty,
            kind,
            mutable: false,
        }
    }
}

/// A function that later ones call.
#[derive(Clone, Debug)]
pub(crate) struct Callee {
    pub(crate) name: String,
    pub(crate) params: Vec<Param>,
    pub(crate) ret: Ty,
    /// The struct of which it is a method.
    pub(crate) method: Option<usize>,
}

/// Everything that functions can name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Items {
    pub(crate) structs: Vec<Vec<(String, Ty)>>,
    /// How many variants an enum has.
    pub(crate) enums: Vec<usize>,
    /// The fields of the variants of enums that have some.
    pub(crate) data: Vec<Vec<Vec<Ty>>>,
    /// The binary operators of structs.
    pub(crate) operators: Vec<(usize, &'static str)>,
    /// Constants, with their types.
    pub(crate) consts: Vec<(String, Ty)>,
    pub(crate) callees: Vec<Callee>,
}

impl Items {
    /// Makes the items, and their text.
    pub(crate) fn generate(rng: &mut Rng) -> (Items, String) {
        let mut items = Items::default();
        let mut text = String::new();
        for i in 0..3 {
            let n = 2 + rng.below(4);
            items.enums.push(n);
            let mut variants = String::new();
            let mut names = String::new();
            let mut at = 0;
            for v in 0..n {
                if rng.one_in(3) {
                    at += rng.below(7);
                    let _ = write!(variants, "V{v} = {at}, ");
                } else {
                    let _ = write!(variants, "V{v}, ");
                }
                at += 1;
                let _ = write!(names, "V{v} ");
            }
            let repr = rng.pick(&["", "#[repr(u8)] ", "#[repr(i16)] ", "#[repr(u32)] "]);
            let _ = writeln!(
                text,
                "{repr}#[derive(Clone, Copy, Debug, PartialEq, JitType)]\nenum E{i} {{ {variants}}}\narbitrary_enum!(E{i} {names});"
            );
        }
        text.push_str(super::macros::MACROS);
        text.push_str(super::generic::TRAIT);
        items.data_enums(rng, &mut text);
        for i in 0..5 {
            let n = 1 + rng.below(4);
            let tuple = rng.one_in(4);
            let fields: Vec<(String, Ty)> = (0..n)
                .map(|f| {
                    let name = if tuple {
                        f.to_string()
                    } else {
                        format!("m{f}")
                    };
                    (name, items.stored(rng, i, 2))
                })
                .collect();
            let declared: Vec<String> = (fields.iter())
                .map(|(name, ty)| match tuple {
                    true => ty.to_string(),
                    false => format!("{name}: {ty}"),
                })
                .collect();
            let declared = match tuple {
                true => format!("({});", declared.join(", ")),
                false => format!(" {{ {} }}", declared.join(", ")),
            };
            let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
            let _ = writeln!(
                text,
                "#[derive(Clone, Copy, Debug, PartialEq, JitType)]\nstruct S{i}{declared}\narbitrary_struct!(S{i} {});\n\
                 impl S{i} {{ const LIMIT: usize = {}; }}",
                names.join(" "),
                rng.below(12)
            );
            items.structs.push(fields);
            items.operators_of(rng, i, &mut text);
        }
        for (i, ty) in [
            Ty::Array(Box::new(Ty::Int(I32)), 5),
            Ty::Array(Box::new(Ty::F64), 4),
            Ty::Int(USIZE),
            Ty::Int(rng.int()),
        ]
        .into_iter()
        .enumerate()
        {
            let values = |rng: &mut Rng, ty: &Ty| match ty {
                Ty::F64 => format!("{}.5", rng.below(9)),
                _ => rng.below(100).to_string(),
            };
            let value = match &ty {
                Ty::Array(elem, n) => {
                    let all: Vec<String> = (0..*n).map(|_| values(rng, elem)).collect();
                    format!("[{}]", all.join(", "))
                }
                other => values(rng, other),
            };
            let word = rng.pick(&["const", "static"]);
            let _ = writeln!(text, "{word} C{i}: {ty} = {value};");
            items.consts.push((format!("C{i}"), ty));
        }
        (items, text)
    }

    /// A type that slices, arrays and structs may have, that names structs before the given one.
    pub(crate) fn stored(&self, rng: &mut Rng, structs: usize, depth: usize) -> Ty {
        if depth == 0 {
            return rng.scalar();
        }
        match rng.below(12) {
            0 => {
                let n = 2 + rng.below(2);
                Ty::Tuple(
                    (0..n)
                        .map(|_| self.stored(rng, structs, depth - 1))
                        .collect(),
                )
            }
            1 | 2 => {
                let elem = match self.stored(rng, structs, depth - 1) {
                    // References to literals of such arrays run rustc's body.
                    Ty::Tuple(_) => rng.scalar(),
                    elem => elem,
                };
                Ty::Array(Box::new(elem), 1 + rng.below(4))
            }
            3 if !self.enums.is_empty() => Ty::Enum(rng.below(self.enums.len())),
            6 if !self.data.is_empty() => Ty::Data(rng.below(self.data.len())),
            4 | 5 if structs.min(self.structs.len()) > 0 => {
                Ty::Struct(rng.below(structs.min(self.structs.len())))
            }
            _ => rng.scalar(),
        }
    }
}
