//! Expressions: trees of pure computations. An expression reads locals and memory and may trap; it writes nothing.

use serde::{Deserialize, Serialize};

use crate::arena::Handle;
use crate::func::{Local, Site};
use crate::intrinsic::Intrinsic;
use crate::ty::Ty;

/// The handle of an expression.
pub type ExprId = Handle<Expr>;

/// An expression with its type. Each expression is the operand of at most one other expression or statement, so
/// that expressions form trees (`verify` checks it). Operands are evaluated left to right, each once, except
/// where a variant says that it is lazy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expr {
    /// What is computed.
    pub kind: ExprKind,
    /// The type of the result.
    pub ty: Ty,
}

/// What an expression computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExprKind {
    /// A constant of scalar type.
    Const(ConstValue),
    /// A constant that is named after the expression's type, such as `T::one()` or `T::max_value()`.
    /// Absent from specialized functions.
    Named(NamedConst),
    /// `cfg!(debug_assertions)` of the crate that contains the function; `bool`. Absent from specialized functions.
    DebugAssertions,
    /// The value at a place. Each index of the place is evaluated and checked in order; an index out of bounds traps.
    Load(Place),
    /// The length of the slice or array at a place; `usize`.
    Len(Place),
    /// `&place` or `&mut place`; of type [`Ty::Ref`] to what is there. Indices are evaluated and checked as for a load.
    Borrow(Place),
    /// `&base[start..end]` or `&mut base[..]`, of type [`Ty::Slice`]; `base` is the place of a slice or an array. Without a start
    /// it begins at 0, without an end it ends at the length. Traps unless start <= end <= length.
    SubSlice {
        /// The whole.
        base: Place,
        /// Where the part begins; `usize`.
        start: Option<ExprId>,
        /// Behind the part's last element; `usize`.
        end: Option<ExprId>,
        /// Where it traps. Without a site, start <= end <= length is known to hold.
        site: Option<SiteId>,
    },
    /// A constant table: of type [`Ty::Ref`] (not mutable) to the type of this entry of [`crate::Function::tables`].
    Table(u32),
    /// `[a, b, ..]`.
    Array(Vec<ExprId>),
    /// `[value; N]`, for the length of the expression's type. `value` is evaluated once.
    Repeat(ExprId),
    /// A struct, from the values of its fields in the order of [`crate::StructTy::fields`].
    Struct(Vec<ExprId>),
    /// A value of the expression's type whose bits do not matter, since it is never used; the payload of `None`. All zero.
    Zeroed,
    /// An operator with one operand of the expression's type.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The operand.
        operand: ExprId,
        /// Where it traps: [`UnaryOp::Neg`] of a signed integer, with overflow checks.
        site: Option<SiteId>,
    },
    /// An operator with two operands. Both have the same scalar type, except that the right operand of a shift is
    /// any integer. Comparisons yield `bool`, others the type of the left operand.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// The left operand, evaluated first.
        lhs: ExprId,
        /// The right operand.
        rhs: ExprId,
        /// Where it traps, if it can for some type: overflow (with overflow checks), division by zero.
        /// Without a site, integer arithmetic wraps; division and remainder of integers always have one.
        site: Option<SiteId>,
    },
    /// `lhs && rhs` (`or` false) or `lhs || rhs` (`or` true) of `bool`; `rhs` is evaluated only if needed.
    ShortCircuit {
        /// Whether this is `||`.
        or: bool,
        /// Evaluated always.
        lhs: ExprId,
        /// Evaluated if `lhs` did not decide.
        rhs: ExprId,
    },
    /// `if cond { then } else { otherwise }`; only the chosen one is evaluated.
    Select {
        /// A `bool`.
        cond: ExprId,
        /// The value if true, of the expression's type.
        then: ExprId,
        /// The value if false, of the expression's type.
        otherwise: ExprId,
    },
    /// `operand as ty` between scalars: truncation and extension of integers, saturation from floats, rounding to floats.
    Cast {
        /// The scalar to convert.
        operand: ExprId,
    },
    /// `num_traits::NumCast::from(operand).unwrap()`: traps if the value does not fit the expression's type (a float is
    /// truncated first; NaN fits no integer; everything fits a float).
    NumCast {
        /// The scalar to convert; not `bool`.
        operand: ExprId,
        /// Where it traps.
        site: SiteId,
    },
    /// Whether [`ExprKind::NumCast`] of `operand` to `target` would succeed; `bool`.
    NumCastFits {
        /// The scalar to convert; not `bool`.
        operand: ExprId,
        /// The scalar type to convert to.
        target: Ty,
    },
    /// A numeric method of std or num-traits, such as `x.sqrt()`.
    Call {
        /// Which one; says what the arguments may be.
        intrinsic: Intrinsic,
        /// The receiver, then the arguments.
        args: Vec<ExprId>,
        /// Where it traps, for intrinsics that may.
        site: Option<SiteId>,
    },
    /// `(a, b, ..)`.
    Tuple(Vec<ExprId>),
}

/// The handle of a trap site.
pub type SiteId = Handle<Site>;

/// A place in memory: a local, or a part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Where it starts.
    pub local: Handle<Local>,
    /// The way from there, outermost first.
    pub projections: Vec<Projection>,
}

impl Place {
    /// The whole local.
    pub fn local(local: Handle<Local>) -> Self {
        Place {
            local,
            projections: Vec::new(),
        }
    }

    /// This field of what is there.
    pub fn field(mut self, field: u32) -> Self {
        self.projections.push(Projection::Field(field));
        self
    }

    /// What the reference that is there points to.
    pub fn deref(mut self) -> Self {
        self.projections.push(Projection::Deref);
        self
    }

    /// This element of what is there; without a site, the index is known to be in bounds.
    pub fn index(mut self, index: ExprId, site: Option<SiteId>) -> Self {
        self.projections.push(Projection::Index { index, site });
        self
    }

    /// The site of the last step, if that is an index.
    pub(crate) fn index_site(&self) -> Option<SiteId> {
        match self.projections.last()? {
            Projection::Index { site, .. } => *site,
            Projection::Field(_) | Projection::Deref => None,
        }
    }
}

/// A step from a place to a part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Projection {
    /// The element of a slice or an array at an index of type `usize`, checked against the length.
    Index {
        /// The index.
        index: ExprId,
        /// Where it traps. Without a site, the index is known to be below the length: lowering counts it, or the user's
        /// `get_unchecked` says so.
        site: Option<SiteId>,
    },
    /// An element of a tuple or a field of a struct, counted from 0.
    Field(u32),
    /// What a [`Ty::Ref`] points to. (A slice is indexed without it.)
    Deref,
}

/// A constant. `bool`, integers and floats; the expression's type says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ConstValue {
    /// A `bool`.
    Bool(bool),
    /// An integer: its value in two's complement, zero-extended from the type's width.
    Int(u128),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
}

macro_rules! named_consts {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// A constant that depends on the type only. Names are std's or num-traits' associated constants; which
        /// types have it is [`NamedConst::value`]'s answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum NamedConst { $($(#[$doc])* $variant,)* }

        impl NamedConst {
            /// Every constant once.
            pub const ALL: &'static [NamedConst] = &[$(NamedConst::$variant),*];
            /// The name in the text form.
            pub const fn name(self) -> &'static str {
                match self { $(NamedConst::$variant => $name,)* }
            }
            /// The constant of this name, if it is one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(NamedConst::$variant),)* _ => None }
            }
        }
    };
}

named_consts! {
    /// 0.
    Zero = "ZERO";
    /// 1.
    One = "ONE";
    /// The least finite value.
    Min = "MIN";
    /// The greatest finite value.
    Max = "MAX";
    /// The difference between 1 and the next float.
    Epsilon = "EPSILON";
    /// The least positive normal float.
    MinPositive = "MIN_POSITIVE";
    /// Positive infinity.
    Infinity = "INFINITY";
    /// Negative infinity.
    NegInfinity = "NEG_INFINITY";
    /// A quiet NaN.
    Nan = "NAN";
    /// -0.0; 0 of an integer.
    NegZero = "NEG_ZERO";
    /// π.
    Pi = "PI";
    /// 2π.
    Tau = "TAU";
    /// e.
    E = "E";
    /// √2.
    Sqrt2 = "SQRT_2";
    /// 1/√2.
    Frac1Sqrt2 = "FRAC_1_SQRT_2";
    /// ln 2.
    Ln2 = "LN_2";
    /// ln 10.
    Ln10 = "LN_10";
    /// log₂ e.
    Log2E = "LOG2_E";
    /// log₂ 10.
    Log2Of10 = "LOG2_10";
    /// log₁₀ e.
    Log10E = "LOG10_E";
    /// log₁₀ 2.
    Log10Of2 = "LOG10_2";
    /// 1/π.
    Frac1Pi = "FRAC_1_PI";
    /// 2/π.
    Frac2Pi = "FRAC_2_PI";
    /// 2/√π.
    Frac2SqrtPi = "FRAC_2_SQRT_PI";
    /// π/2.
    FracPi2 = "FRAC_PI_2";
    /// π/3.
    FracPi3 = "FRAC_PI_3";
    /// π/4.
    FracPi4 = "FRAC_PI_4";
    /// π/6.
    FracPi6 = "FRAC_PI_6";
    /// π/8.
    FracPi8 = "FRAC_PI_8";
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnaryOp {
    /// `-x` of a signed integer or a float. The least integer overflows.
    Neg,
    /// `!x` of a `bool` (logical) or an integer (bitwise).
    Not,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BinaryOp {
    /// `+`; integers and floats. Integers may overflow.
    Add,
    /// `-`; likewise.
    Sub,
    /// `*`; likewise.
    Mul,
    /// `/`; integers trap for zero and for MIN / -1, in every profile.
    Div,
    /// `%`; likewise.
    Rem,
    /// `&`; integers and `bool` (both operands are evaluated).
    BitAnd,
    /// `|`; likewise.
    BitOr,
    /// `^`; likewise.
    BitXor,
    /// `<<`; integers. Overflows if the distance is negative or not below the width; else masked to the width.
    Shl,
    /// `>>`; likewise. Arithmetic for signed integers.
    Shr,
    /// `==`; scalars. False for NaN.
    Eq,
    /// `!=`; scalars. True for NaN.
    Ne,
    /// `<`; scalars. False for NaN.
    Lt,
    /// `<=`; likewise.
    Le,
    /// `>`; likewise.
    Gt,
    /// `>=`; likewise.
    Ge,
}

impl BinaryOp {
    /// Every operator once.
    pub const ALL: [BinaryOp; 16] = [
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Rem,
        BinaryOp::BitAnd,
        BinaryOp::BitOr,
        BinaryOp::BitXor,
        BinaryOp::Shl,
        BinaryOp::Shr,
        BinaryOp::Eq,
        BinaryOp::Ne,
        BinaryOp::Lt,
        BinaryOp::Le,
        BinaryOp::Gt,
        BinaryOp::Ge,
    ];

    /// Rust's spelling.
    pub const fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
            BinaryOp::Shl => "<<",
            BinaryOp::Shr => ">>",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
        }
    }

    /// Whether the result is a `bool` that compares the operands.
    pub const fn is_comparison(self) -> bool {
        matches!(
            self,
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge
        )
    }

    /// Whether this is `<<` or `>>`, whose right operand has a type of its own.
    pub const fn is_shift(self) -> bool {
        matches!(self, BinaryOp::Shl | BinaryOp::Shr)
    }

    /// Whether it can trap for some type: arithmetic and shifts.
    pub const fn may_trap(self) -> bool {
        matches!(
            self,
            BinaryOp::Add
                | BinaryOp::Sub
                | BinaryOp::Mul
                | BinaryOp::Div
                | BinaryOp::Rem
                | BinaryOp::Shl
                | BinaryOp::Shr
        )
    }
}
