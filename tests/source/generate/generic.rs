//! Expressions of a type parameter, `T: Float` or `T: PrimInt`, and a trait of the user's.

use super::Gen;
use super::types::{Class, I32, Int, Ty, U32};

/// The trait, whose `impl`s are jitted for some numbers and not for others.
pub(crate) const TRAIT: &str = "
use num_traits::{Float, PrimInt, WrappingAdd, WrappingMul};
#[jit]
trait Meter: Copy {
    const STEP: i32;
    fn measure(&self) -> f64;
    fn moved(self, by: i32) -> Self;
    fn nothing() -> Self;
    fn twice(self, by: i32) -> Self {
        self.moved(by).moved(Self::STEP)
    }
}
#[jit]
impl Meter for f64 {
    const STEP: i32 = 3;
    fn measure(&self) -> f64 { *self * 0.5 }
    fn moved(self, by: i32) -> f64 { self + f64::from(by) }
    fn nothing() -> f64 { 0.25 }
}
impl Meter for f32 {
    const STEP: i32 = -2;
    fn measure(&self) -> f64 { f64::from(*self) + 1.0 }
    fn moved(self, by: i32) -> f32 { self - by as f32 }
    fn nothing() -> f32 { 0.5 }
    fn twice(self, by: i32) -> f32 { self * by as f32 }
}
#[jit]
impl Meter for i16 {
    const STEP: i32 = 1;
    fn measure(&self) -> f64 { f64::from(*self) }
    fn moved(self, by: i32) -> i16 { self.wrapping_add(by as i16) }
    fn nothing() -> i16 { 7 }
}
#[jit]
impl Meter for u64 {
    const STEP: i32 = 1000;
    fn measure(&self) -> f64 { (*self >> 3) as f64 }
    fn moved(self, by: i32) -> u64 { self.rotate_left(by as u32 & 63) }
    fn nothing() -> u64 { 1 }
    fn twice(self, by: i32) -> u64 { self / u64::from(by.unsigned_abs()) }
}
impl Meter for i64 {
    const STEP: i32 = -1;
    fn measure(&self) -> f64 { *self as f64 * 2.0 }
    fn moved(self, by: i32) -> i64 { self + i64::from(by) }
    fn nothing() -> i64 { -1 }
}
";

const F: &[Ty] = &[Ty::F64, Ty::F32];
const I: &[Ty] = &[
    Ty::Int(Int {
        bits: 16,
        signed: true,
    }),
    Ty::Int(Int {
        bits: 64,
        signed: false,
    }),
    Ty::Int(Int {
        bits: 64,
        signed: true,
    }),
];

/// What a type parameter stands for in calls.
pub(crate) fn instances(class: Class) -> &'static [Ty] {
    match class {
        Class::Float => F,
        Class::Int => I,
    }
}

impl Gen<'_> {
    /// A number of the type of the parameter that needs nothing.
    pub(crate) fn param_literal(&mut self, class: Class) -> String {
        match (class, self.rng.below(9)) {
            (_, 0) => "T::zero()".to_owned(),
            (_, 1) => "T::nothing()".to_owned(),
            (_, 2 | 3) => "T::one()".to_owned(),
            (Class::Float, 4) => "T::epsilon()".to_owned(),
            (Class::Float, 5) => "T::infinity()".to_owned(),
            (Class::Float, _) => format!("T::from({}.25).unwrap()", self.rng.below(9)),
            (Class::Int, 4) => "T::max_value()".to_owned(),
            (Class::Int, 5) => "T::min_value()".to_owned(),
            (Class::Int, _) => format!("T::from({}).unwrap()", self.rng.below(120)),
        }
    }

    /// An expression of the type of the parameter.
    pub(crate) fn param_expr(&mut self, class: Class, d: u32) -> String {
        let ty = Ty::Param(class);
        let d1 = d.max(1) - 1;
        let a = self.expr(&ty, d1);
        match self.rng.below(8) {
            0 => return self.leaf(&ty),
            1 => {
                // What a method of a constant's element returns is not told to functions that are not jitted.
                let by = self.rng.below(16);
                let method = self.rng.pick(&["moved", "twice"]);
                return format!("{a}.{method}({by})");
            }
            _ => {}
        }
        match class {
            Class::Float => match self.rng.below(12) {
                0..=4 => {
                    let op = self.rng.pick(&["+", "-", "*", "/", "%"]);
                    format!("({a} {op} {})", self.expr(&ty, d1))
                }
                5 => format!("(-{a})"),
                6 | 7 => {
                    let method = self.rng.pick(&[
                        "abs", "sqrt", "floor", "ceil", "recip", "trunc", "fract", "exp", "sin",
                    ]);
                    format!("{a}.{method}()")
                }
                8 => {
                    let method = self.rng.pick(&["max", "min"]);
                    format!("({a}.{method}({}) + T::zero())", self.bare(&ty, d1))
                }
                9 => {
                    let (b, c) = (self.bare(&ty, d1), self.bare(&ty, d1));
                    format!("{a}.mul_add({b}, {c})")
                }
                10 => format!("T::from({}).unwrap()", self.bare(&Ty::F64, d1)),
                _ => format!("{a}.powi({} & 7)", self.expr(&Ty::Int(I32), d1)),
            },
            Class::Int => match self.rng.below(13) {
                0 | 1 => {
                    let op = self.rng.pick(&["+", "-", "*"]);
                    format!("({a} {op} {})", self.expr(&ty, d1))
                }
                2 | 3 => {
                    let op = self.rng.pick(&["&", "|", "^"]);
                    format!("({a} {op} {})", self.expr(&ty, d1))
                }
                4 => {
                    let op = self.rng.pick(&["/", "%"]);
                    format!("({a} {op} ({} | T::one()))", self.expr(&ty, d1))
                }
                5 => format!("(!{a})"),
                6 => {
                    let op = self.rng.pick(&["<<", ">>"]);
                    format!("({a} {op} ({} & 15))", self.expr(&Ty::usize(), d1))
                }
                7 => {
                    let method = self
                        .rng
                        .pick(&["saturating_add", "saturating_sub", "max", "min"]);
                    format!("{a}.{method}({})", self.bare(&ty, d1))
                }
                8 | 9 => {
                    let method = self.rng.pick(&["wrapping_add", "wrapping_mul"]);
                    format!("{a}.{method}(&{})", self.expr(&ty, d1))
                }
                10 => {
                    let method = self.rng.pick(&[
                        "rotate_left",
                        "rotate_right",
                        "unsigned_shr",
                        "signed_shl",
                    ]);
                    format!("{a}.{method}({} & 15)", self.expr(&Ty::Int(U32), d1))
                }
                11 => {
                    let method = self.rng.pick(&[
                        "checked_add",
                        "checked_mul",
                        "checked_sub",
                        "checked_div",
                    ]);
                    let (b, c) = (self.expr(&ty, d1), self.bare(&ty, d1));
                    format!("{a}.{method}(&{b}).unwrap_or({c})")
                }
                _ => {
                    let method = self.rng.pick(&["swap_bytes", "to_be", "reverse_bits"]);
                    format!("{a}.{method}()")
                }
            },
        }
    }

    /// A number that is made of one of the parameter's type.
    pub(crate) fn of_param(&mut self, ty: &Ty, d: u32) -> Option<String> {
        let class = self.param?;
        let x = self.expr(&Ty::Param(class), d);
        Some(match ty {
            Ty::F64 => match self.rng.one_in(3) {
                true => format!("{x}.measure()"),
                false => format!("{x}.to_f64().unwrap_or(0.5)"),
            },
            Ty::Bool => {
                let op = self.rng.pick(&["<", "<=", "==", "!=", ">"]);
                match self.rng.below(6) {
                    0 if class == Class::Float => format!("{x}.is_nan()"),
                    1 => format!("{x}.is_zero()"),
                    _ => format!("({x} {op} {})", self.expr(&Ty::Param(class), d)),
                }
            }
            Ty::Int(int) if class == Class::Int && *int == U32 => {
                let method = self
                    .rng
                    .pick(&["count_ones", "leading_zeros", "trailing_zeros"]);
                format!("{x}.{method}()")
            }
            Ty::Int(int) if *int == I32 && self.rng.one_in(2) => "T::STEP".to_owned(),
            Ty::Int(int) if int.bits != 128 => {
                format!("{x}.to_{int}().unwrap_or({})", self.rng.below(9))
            }
            _ => return None,
        })
    }
}
