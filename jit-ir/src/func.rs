//! A captured function: parameters, locals, expressions and the body that uses them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::analysis::effects::may_trap;
use crate::arena::{Arena, Handle};
use crate::expr::{BinaryOp, Expr, ExprId, ExprKind, Place, Projection, SiteId};
use crate::intrinsic::Intrinsic;
use crate::parallel::Parallelism;
use crate::span::Span;
use crate::stmt::{Block, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// The handle of a local.
pub type LocalId = Handle<Local>;

/// How many operands a trap carries at most.
pub const MAX_TRAP_OPERANDS: usize = 8;

/// What the names of locals begin with that are constants of the source: `const` and `static` items and blocks inside of functions.
pub const CONSTANT: &str = "$const ";

/// What the names of locals begin with that hold a copy of what a shared reference of the source points to.
pub const COPY: &str = "$copy ";

/// The status of an entry point whose host function panicked. No trap site has it.
pub const HOST_PANICKED: u32 = u32::MAX;

/// The first of the statuses that no trap site has.
pub const FIRST_SPECIAL_STATUS: u32 = u32::MAX - 15;

/// A function and all that it calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// The function that is called from outside, then those that it calls, directly or not. Each once for its types.
    pub functions: Vec<Function>,
    /// The Rust functions that are called through trampolines.
    pub hosts: Vec<Host>,
}

impl Program {
    /// The status of an entry point that trapped at this site: sites are counted through all functions, from 1.
    /// `None` if there is no such site.
    pub fn status_of(&self, function: usize, site: SiteId) -> Option<u32> {
        let called = self.functions.get(function)?;
        let before = self.functions[..function].iter();
        let first: usize = before.map(|func| func.sites.len()).sum();
        called.site_by_index(site.index())?;
        u32::try_from(first + site.index() + 1)
            .ok()
            .filter(|&status| status < FIRST_SPECIAL_STATUS)
    }

    /// Which functions may run when this one is called, by number. Deferred functions call nothing until they are compiled.
    pub fn reached_from(&self, root: usize) -> Vec<bool> {
        let mut reached = vec![false; self.functions.len()];
        let mut open = vec![root];
        while let Some(number) = open.pop() {
            let Some(func) = self.functions.get(number) else {
                continue;
            };
            if std::mem::replace(&mut reached[number], true) || func.deferred.is_some() {
                continue;
            }
            func.body.for_each_stmt(|stmt| match &stmt.kind {
                StmtKind::Call { function, .. } => open.push(*function as usize),
                StmtKind::Parallel(parallel) => {
                    open.push(parallel.function as usize);
                    open.extend(parallel.combine.map(|combine| combine as usize));
                }
                _ => {}
            });
        }
        reached
    }

    /// Whether some function of the program calls this one.
    pub fn is_called(&self, number: usize) -> bool {
        let mut called = false;
        for func in &self.functions {
            func.body.for_each_stmt(|stmt| match &stmt.kind {
                StmtKind::Call { function, .. } => called |= *function as usize == number,
                StmtKind::Parallel(parallel) => {
                    called |= parallel.function as usize == number;
                    called |= parallel.combine.is_some_and(|it| it as usize == number);
                }
                _ => {}
            });
        }
        called
    }

    /// The function and the site that this status names, if it names one.
    pub fn site_of_status(&self, status: u32) -> Option<(usize, SiteId)> {
        let mut index = (status as usize).checked_sub(1)?;
        for (function, func) in self.functions.iter().enumerate() {
            if let Some(site) = func.site_by_index(index) {
                return Some((function, site));
            }
            index -= func.sites.len();
        }
        None
    }
}

/// A Rust function that is called through a trampoline.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Host {
    /// Its path in the source, or `println!` and the like.
    pub name: String,
    /// Its parameters.
    pub params: Vec<HostTy>,
    /// Its result, a scalar or bytes; `None` for `()`.
    pub result: Option<HostTy>,
}

/// The most bytes that an argument of a host function has. Larger values go by reference to a copy.
pub const MAX_HOST_BYTES: u64 = 16;

/// What passes between compiled code and a host function: as much of a type as the trampoline depends on. That the types are the same was
/// seen to when the function was lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HostTy {
    /// A number or truth value.
    Scalar(ScalarTy),
    /// A reference to a sized type. Through a mutable one the function may store.
    Ref {
        /// Whether it is `&mut`.
        mutable: bool,
    },
    /// A slice: address and length in elements. Through a mutable one the function may store.
    Slice {
        /// Whether it is `&mut`.
        mutable: bool,
    },
    /// A struct, tuple or array by value.
    Bytes {
        /// Size in bytes.
        size: u64,
        /// Alignment in bytes.
        align: u64,
    },
}

impl HostTy {
    /// How a type passes. `None`: it does not.
    pub fn of(ty: &Ty) -> Option<Self> {
        Some(match ty {
            Ty::Unit | Ty::Param(_) => return None,
            Ty::Scalar(scalar) => HostTy::Scalar(*scalar),
            Ty::Ref { mutable, .. } => HostTy::Ref { mutable: *mutable },
            Ty::Slice { mutable, .. } => HostTy::Slice { mutable: *mutable },
            Ty::Tuple(_) | Ty::Array { .. } | Ty::Struct(_) => {
                if ty.has_refs() {
                    return None;
                }
                let layout = crate::layout::layout_of(ty).ok()?;
                HostTy::Bytes {
                    size: layout.size,
                    align: layout.align,
                }
            }
        })
    }

    /// The scalar, if it is one.
    pub fn as_scalar(self) -> Option<ScalarTy> {
        match self {
            HostTy::Scalar(scalar) => Some(scalar),
            HostTy::Ref { .. } | HostTy::Slice { .. } | HostTy::Bytes { .. } => None,
        }
    }
}

/// `f64`, `&`, `&mut`, `&[]`, `&mut[]`, `bytes 24 8`.
impl fmt::Display for HostTy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostTy::Scalar(scalar) => scalar.fmt(f),
            HostTy::Ref { mutable: false } => f.write_str("&"),
            HostTy::Ref { mutable: true } => f.write_str("&mut"),
            HostTy::Slice { mutable: false } => f.write_str("&[]"),
            HostTy::Slice { mutable: true } => f.write_str("&mut[]"),
            HostTy::Bytes { size, align } => write!(f, "bytes {size} {align}"),
        }
    }
}

/// A table of constants.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Table {
    /// Its path in the source.
    pub name: String,
    /// An array or struct (or a scalar); no parameters, references or tuples inside.
    pub ty: Ty,
    /// The bytes in memory, little-endian, padding zero.
    pub bytes: Vec<u8>,
}

/// A function as captured (generic, if the user's is) or as specialized (no type parameters left).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// The name in the user's source.
    pub name: String,
    /// The module path, `my_crate::kernels`; empty if unknown.
    pub module: String,
    /// The file that contains it, as rustc names it in panic messages; empty if unknown.
    pub file: String,
    /// The type parameters, in order. Empty after specialization.
    pub type_params: Vec<TypeParam>,
    /// The parameters: the first locals, in order.
    pub params: Vec<LocalId>,
    /// The type of the result.
    pub result: Ty,
    /// The constants that [`crate::ExprKind::Table`] names.
    pub tables: Vec<Table>,
    /// Parameters, user's variables and temporaries.
    pub locals: Arena<Local>,
    /// All expressions.
    pub exprs: Arena<Expr>,
    /// Where expression `n` starts, by the index of the expression; may be shorter than `exprs`.
    pub expr_spans: Vec<Span>,
    /// The places that may trap. Numbered at capture and kept by every later stage, because the caller's shim has an
    /// arm for each.
    pub sites: Arena<Site>,
    /// What it does. Control that reaches the end returns `()`; it cannot get there otherwise (rustc has checked).
    pub body: Block,
    /// Which liberties float arithmetic may take. Set by specialization from the user's options.
    pub fastmath: FastMath,
    /// The function that this one is a copy of, for the calls that hardly ever happen: those for which the fast version cannot be proved
    /// right. It is compiled when it is first called, where code generation can do that. Only the first function of a program has such a
    /// copy, and calls it before it has changed anything: so the caller may still run rustc's body if the copy cannot be compiled.
    pub deferred: Option<u32>,
    /// Whether and how its loops may run in parallel. Set by specialization from the user's options.
    pub parallel: Option<Parallelism>,
    /// Whether its source says of an index that it is in bounds (`get_unchecked`). That holds where Rust gets to it, and not in iterations
    /// that Rust would never have begun.
    pub unchecked: bool,
}

/// What the names of functions that start parallel loops end in: no name of a source does.
pub(crate) const PARALLEL: &str = ".parallel";

impl Function {
    /// Whether this is a part of another function, made for its parallel loops, which calls it.
    pub fn is_parallel_part(&self) -> bool {
        self.name.ends_with(PARALLEL)
    }

    /// Where an expression starts in the source, if known.
    pub fn span_of(&self, expr: Handle<Expr>) -> Span {
        self.expr_spans
            .get(expr.index())
            .copied()
            .unwrap_or(Span::UNKNOWN)
    }

    /// The slice or array and the index of an element, if `value` is an expression that, as a statement, says that the element will be read soon.
    pub fn advice(&self, value: ExprId) -> Option<(Place, ExprId)> {
        let ExprKind::Borrow(place) = &self.exprs.get(value)?.kind else {
            return None;
        };
        let (last, base) = place.projections.split_last()?;
        let &Projection::Index { index, site: None } = last else {
            return None;
        };
        let mut checked = false;
        base.iter().for_each(|step| {
            checked |= matches!(step, Projection::Index { .. });
        });
        let base = Place {
            local: place.local,
            projections: base.to_vec(),
        };
        (!checked && !may_trap(self, index)).then_some((base, index))
    }

    /// The handle of a trap site by its number, if there is one.
    pub fn site_by_index(&self, index: usize) -> Option<SiteId> {
        (index < self.sites.len()).then(|| Handle::from_index(index))
    }
}

/// A type parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeParam {
    /// Its name in the source.
    pub name: String,
}

/// A parameter, a variable or a temporary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Local {
    /// The name in the source; temporaries have a name that starts with `$`. Names need not be unique (shadowing).
    pub name: String,
    /// Its type; never unit.
    pub ty: Ty,
    /// Whether it may be assigned more than once.
    pub mutable: bool,
    /// Where it is declared.
    pub span: Span,
}

/// A place where the function may panic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// What happens there; says what operands the trap carries.
    pub kind: SiteKind,
    /// Where the panicking expression starts.
    pub span: Span,
    /// The function whose source contains it, by its number among the instances that were lowered together: a closure's caller may be
    /// part of another function.
    pub origin: u32,
    /// The node of that function's [`crate::hir::Function`] that panics.
    pub node: u32,
    /// The types of the operands that the trap carries; scalars after specialization.
    pub operands: Vec<Ty>,
}

/// What happens at a trap site, and which operand values the trap carries for the shim to replay it with
/// ("operands": their bits, zero-extended to 128).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SiteKind {
    /// An arithmetic operator. Operands: left, right.
    Binary(BinaryOp),
    /// `-x`. Operand: x.
    Neg,
    /// `a[i]` out of bounds. Operands: index, length.
    Index,
    /// A method. Operands: its arguments, the receiver first; at most three.
    Intrinsic(Intrinsic),
    /// A numeric conversion that is unwrapped. Operand: the value.
    NumCast,
    /// `step_by(0)`. No operands.
    StepBy,
    /// `a[i..j]` out of bounds. Operands: start, end, length; a start that is not written is 0, an end the length.
    SubSlice(SliceBounds),
    /// A method that panics in terms of lengths and positions. Operands as [`LengthCheck`] says.
    Length(LengthCheck),
    /// A check of an array of ndarray. Operands as [`ArrayCheck`] says.
    Array(ArrayCheck),
    /// `panic!`, a failed `assert!`, `unreachable!`, `unwrap` of `None`. Operands: the arguments of the message.
    Panic,
    /// A conversion by `TryFrom` that failed and is unwrapped. No operands.
    TryFrom,
    /// A conversion of a slice to an array that failed and is unwrapped. No operands.
    TryFromSlice,
}

/// Which ends of a range are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SliceBounds {
    /// `i..j`.
    Both,
    /// `i..=j`; the operand `end` is `j + 1` unless that overflows, which is a panic of its own.
    Inclusive,
    /// `i..`.
    From,
    /// `..j`.
    To,
    /// `..=j`; likewise.
    ToInclusive,
}

/// A check of lengths that is not an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LengthCheck {
    /// `a.copy_from_slice(b)` of different lengths. Operands: both lengths.
    CopyFromSlice,
    /// `a.split_at(k)` beyond the end. Operands: k, the length.
    SplitAt,
    /// `a.swap(i, j)` out of bounds. Operands: i, j, the length.
    Swap,
    /// `a.chunks(0)`. No operands.
    Chunks,
    /// `a.chunks_exact(0)`. No operands.
    ChunksExact,
    /// `a.windows(0)`. No operands.
    Windows,
    /// `a.rotate_left(k)` beyond the end. Operands: k, the length.
    RotateLeft,
    /// `a.rotate_right(k)` beyond the end. Operands: k, the length.
    RotateRight,
    /// `a.clone_from_slice(b)` of different lengths. Operands: both lengths.
    CloneFromSlice,
    /// `a.swap_with_slice(b)` of different lengths. Operands: both lengths.
    SwapWithSlice,
    /// `a.copy_within(i..j, k)` out of bounds. Operands: i, j, k, the length.
    CopyWithin,
}

/// A check of an array of ndarray, whose shape the trap carries last, as many operands as there are dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ArrayCheck {
    /// `a[i]` out of bounds, of one dimension. Operands: the index, the shape.
    Index,
    /// The same where it is stored to, which is another place in ndarray.
    IndexMut,
    /// `a[[i, j]]`. Operands: the indices, the shape.
    IndexArray,
    /// The same where it is stored to.
    IndexArrayMut,
    /// `a[(i, j)]`. Operands: the indices, the shape.
    IndexTuple,
    /// The same where it is stored to.
    IndexTupleMut,
    /// `a.index_axis(Axis(k), i)`, also by its other names, such as `a.row(i)`. Operands: k, i, the shape.
    Axis,
    /// `a += &b` and its like, where `b` cannot be broadcast. Operands: the shape of `b`, with the greatest number for each dimension that it
    /// lacks, the shape of `a`.
    Broadcast,
    /// `a.dot(&b)` of different lengths. Operands: both lengths.
    Dot,
    /// `Zip::from(a).and(b)` of different shapes. Operands: the shape of `b`, that of `a`.
    Zip,
    /// `a.slice(s![i..j])` out of bounds. Operands: start, end and length of the dimension; numbers are those of an `isize`, negative ones from
    /// the end.
    SliceRange,
    /// `a.slice(s![.., i])` out of bounds. Operands: the dimension, the index, the shape at this point.
    SliceIndex,
}

macro_rules! names {
    ($ty:ident: $($variant:ident = $name:literal,)*) => {
        impl $ty {
            /// Every value once.
            pub const ALL: &'static [$ty] = &[$($ty::$variant),*];

            /// The name in the text form.
            pub const fn name(self) -> &'static str {
                match self { $($ty::$variant => $name,)* }
            }

            /// The value of this name, if it is one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some($ty::$variant),)* _ => None }
            }
        }
    };
}

names! { SliceBounds:
    Both = "both",
    Inclusive = "inclusive",
    From = "from",
    To = "to",
    ToInclusive = "to_inclusive",
}

names! { LengthCheck:
    CopyFromSlice = "copy_from_slice",
    SplitAt = "split_at",
    Swap = "swap",
    Chunks = "chunks",
    ChunksExact = "chunks_exact",
    Windows = "windows",
    RotateLeft = "rotate_left",
    RotateRight = "rotate_right",
    CloneFromSlice = "clone_from_slice",
    SwapWithSlice = "swap_with_slice",
    CopyWithin = "copy_within",
}

names! { ArrayCheck:
    Index = "index_1",
    IndexMut = "index_mut_1",
    IndexArray = "index_array",
    IndexArrayMut = "index_array_mut",
    IndexTuple = "index_tuple",
    IndexTupleMut = "index_tuple_mut",
    Axis = "axis",
    Broadcast = "broadcast",
    Dot = "dot",
    Zip = "zip",
    SliceRange = "slice_range",
    SliceIndex = "slice_index",
}

impl ArrayCheck {
    /// The same check of a place that is stored to.
    pub const fn to_mut(self) -> ArrayCheck {
        match self {
            ArrayCheck::Index | ArrayCheck::IndexMut => ArrayCheck::IndexMut,
            ArrayCheck::IndexArray | ArrayCheck::IndexArrayMut => ArrayCheck::IndexArrayMut,
            ArrayCheck::IndexTuple | ArrayCheck::IndexTupleMut => ArrayCheck::IndexTupleMut,
            other @ (ArrayCheck::Axis
            | ArrayCheck::Broadcast
            | ArrayCheck::Dot
            | ArrayCheck::Zip
            | ArrayCheck::SliceRange
            | ArrayCheck::SliceIndex) => other,
        }
    }
}

impl SliceBounds {
    /// Whether start and end are written.
    pub const fn written(self) -> (bool, bool) {
        match self {
            SliceBounds::Both | SliceBounds::Inclusive => (true, true),
            SliceBounds::From => (true, false),
            SliceBounds::To | SliceBounds::ToInclusive => (false, true),
        }
    }
}

impl LengthCheck {
    /// How many operands the trap carries, each a `usize`.
    pub const fn operand_count(self) -> usize {
        match self {
            LengthCheck::CopyFromSlice
            | LengthCheck::SplitAt
            | LengthCheck::RotateLeft
            | LengthCheck::RotateRight
            | LengthCheck::CloneFromSlice
            | LengthCheck::SwapWithSlice => 2,
            LengthCheck::Swap => 3,
            LengthCheck::CopyWithin => 4,
            LengthCheck::Chunks | LengthCheck::ChunksExact | LengthCheck::Windows => 0,
        }
    }
}

/// Which liberties float arithmetic may take, LLVM's names. All false: IEEE 754, bit for bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FastMath {
    /// Operations may be regrouped.
    pub reassoc: bool,
    /// `a * b + c` may be fused.
    pub contract: bool,
    /// The sign of a zero may change.
    pub nsz: bool,
    /// `a / b` may become `a * (1 / b)`.
    pub arcp: bool,
    /// Library functions may be approximated.
    pub afn: bool,
    /// The result is poison if an operand or the result is NaN. Only by the user's `unsafe(nnan)`.
    pub nnan: bool,
    /// The result is poison if an operand or the result is infinite. Only by the user's `unsafe(ninf)`.
    pub ninf: bool,
}

impl FastMath {
    /// No liberties.
    pub const STRICT: FastMath = FastMath {
        reassoc: false,
        contract: false,
        nsz: false,
        arcp: false,
        afn: false,
        nnan: false,
        ninf: false,
    };

    /// What `#[jit(fastmath)]` grants: the algebraic liberties, none of which can be undefined behaviour.
    pub const ALGEBRAIC: FastMath = FastMath {
        reassoc: true,
        contract: true,
        nsz: true,
        arcp: true,
        afn: true,
        nnan: false,
        ninf: false,
    };
}
