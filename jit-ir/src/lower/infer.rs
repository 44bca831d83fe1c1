//! Type inference: unification with variables for integer and float literals, as rustc does it for the same code.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::expected::Expected;
use super::externs::{IterMade, MadeOf};
use super::variables::Variables;
use super::witnesses::Shared;
use crate::hir::Span;
use crate::instance::{DataEnumInfo, EnumInfo, StructInfo};
use crate::intrinsic::SigTy;
use crate::ty::{ScalarTy, Ty};

use super::calls::FnId;
use super::closure::ClosureId;
use super::iter::IterId;
use super::types::{data_enum_ty, struct_ty};
use super::views::ViewId;

/// A type during inference.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ITy {
    Unit,
    Scalar(ScalarTy),
    /// `char`: its number, a `u32`, in the IR.
    Char,
    Param(u32),
    Tuple(Vec<ITy>),
    /// `&[T]` or `&mut [T]`.
    Slice {
        elem: Box<ITy>,
        mutable: bool,
    },
    Array {
        elem: Box<ITy>,
        len: Len,
    },
    /// `&T` or `&mut T` of anything but a slice.
    Ref {
        to: Box<ITy>,
        mutable: bool,
    },
    /// A struct, or a tuple that is laid out by rustc because it lies in memory of rustc's: an element of a slice, say.
    Struct(Arc<StructInfo>),
    /// An enum without fields: an integer in the IR.
    Enum(Arc<EnumInfo>),
    /// An enum whose variants have fields: a struct with fields that overlap in the IR.
    DataEnum(Arc<DataEnumInfo>),
    /// `(bool, T)` in the IR; `true` is `Some`.
    Option(Box<ITy>),
    /// `(bool, T, E)` in the IR; `true` is `Ok`.
    Result(Box<ITy>, Box<ITy>),
    /// `std::cmp::Ordering`: an `i8` in the IR.
    Ordering,
    /// The error of `u8::try_from`, which tells nothing: a `bool` in the IR.
    TryFromIntError,
    /// The error of `<[T; N]>::try_from(slice)`; likewise.
    TryFromSliceError,
    /// A closure, a function by its name, an iterator or a range: these exist only while lowering. An expression of such a type is a
    /// placeholder, [`crate::ExprKind::Zeroed`], and nothing of it gets into the IR.
    Closure(ClosureId),
    Fn(FnId),
    Iter(IterId),
    /// An array or a view of ndarray; likewise.
    View(ViewId),
    Var(TyVar),
    /// Only rustc knows, or a problem was reported: agrees with every type, and whatever is made of it is unknown, too.
    Unknown(Origin),
}

/// Where an unknown type comes from: a number of [`Inference::origins`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin(pub(super) u32);

/// What rustc would have to be asked to know a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unknown {
    /// Nothing can be asked, or a problem was reported.
    Reported,
    /// The type that a path names.
    Adt(Span),
    /// What a struct literal or a call of a constructor makes, by its path.
    Made(Span, MadeOf),
    /// The type of the constant that a path names.
    Const(Span),
    /// The same of a variant without fields, by its name: of a generic enum it tells nothing of the type's arguments.
    Variant(Span),
    /// What a function returns for these arguments.
    Call(Span, Vec<ITy>),
    /// What a method returns: its name, the receiver, the other arguments.
    Method(Span, ITy, Vec<ITy>),
    /// What an operator gives: its token, the left operand, the right one if there is one.
    Operator(Span, ITy, Vec<ITy>),
    /// What a macro gives: its path, the variables that it names, their types.
    Macro(Span, Vec<Span>, Vec<ITy>),
    /// The type of a field.
    Field(ITy, String),
    /// The type of a field, by the path of the pattern that finds it: of a variant, or a struct.
    Payload(ITy, Span, String),
    /// What an index of this type leads to.
    Index(ITy, ITy),
    /// A closure with so many parameters, and what it gives.
    Closure(usize, ITy),
    /// An iterator with items of this type; of slices, with elements.
    Iter(IterMade, ITy),
}

/// The length of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Len {
    Known(u64),
    /// A const parameter of the function, by its number, while its value is not known.
    Param(u32),
    /// What depends on a const parameter, while its value is not known, or on what only rustc knows.
    Unknown,
}

impl ITy {
    pub(crate) const BOOL: ITy = ITy::Scalar(ScalarTy::Bool);
    pub(crate) const USIZE: ITy = ITy::Scalar(ScalarTy::Usize);
    /// A problem was reported.
    pub(crate) const REPORTED: ITy = ITy::Unknown(Origin(0));
}

impl From<ScalarTy> for ITy {
    fn from(scalar: ScalarTy) -> ITy {
        ITy::Scalar(scalar)
    }
}

/// A type variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TyVar(pub(super) u32);

/// What is known of a variable: `{integer}`, `{float}`, or a type whose inner variables may be open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Known {
    Open,
    Integer,
    Float,
    Type(ITy),
}

/// Two types that cannot be made equal.
#[derive(Debug)]
pub(crate) struct Conflict {
    pub(crate) left: ITy,
    pub(crate) right: ITy,
}

/// "The type of `out` is `relation` of the type of `of`", for relations that need a concrete type.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    pub(crate) relation: SigTy,
    pub(crate) of: ITy,
    pub(crate) out: ITy,
    pub(crate) span: Span,
}

/// The state of inference for one function.
#[derive(Default)]
pub(crate) struct Inference {
    /// Looking something up shortens the way to it.
    variables: RefCell<Variables>,
    relations: Vec<Relation>,
    /// Arrays of which the type is still open, each with the type of its elements.
    arrays: Vec<(ITy, ITy)>,
    /// Where unknown types come from, after [`Unknown::Reported`], which has the number 0.
    origins: Vec<Unknown>,
    /// Variables that rustc decides.
    pub(super) asked: Vec<TyVar>,
    /// What is expected of calls by where they stand, by the numbers of the origins.
    pub(super) expected: BTreeMap<u32, Expected>,
    /// The calls, by the numbers of the origins, whose paths tell the type of the result.
    pub(super) told: BTreeSet<u32>,
    /// What is told of unknown types that are deep inside of others, while rustc is asked.
    pub(super) shared: Option<Shared>,
    /// What had to agree with types that only rustc knows.
    agreed: Vec<ITy>,
    /// The names of the function's const parameters.
    pub(crate) const_params: Vec<String>,
    /// What type parameters stand for, as far as that is known.
    pub(crate) bound: Vec<Option<ScalarTy>>,
}

impl Inference {
    /// A type that only rustc knows.
    pub(crate) fn unknown(&mut self, origin: Unknown) -> ITy {
        // A part of what was reported is reported.
        if let Unknown::Field(base, _) | Unknown::Payload(base, ..) | Unknown::Index(base, _) =
            &origin
            && self.is_reported(base)
        {
            return ITy::REPORTED;
        }
        self.origins.push(origin);
        ITy::Unknown(Origin(self.origins.len() as u32))
    }

    /// Whether the type is unknown because of a problem.
    pub(crate) fn is_reported(&mut self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Unknown(origin) => self.origin(origin) == Unknown::Reported,
            _ => false,
        }
    }

    /// Whether the type is what a path names.
    pub(crate) fn is_named(&self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Unknown(origin) => {
                matches!(self.origin(origin), Unknown::Adt(_) | Unknown::Made(..))
            }
            _ => false,
        }
    }

    /// Whether the type is what a path names that is a type's.
    pub(crate) fn is_adt(&self, ty: &ITy) -> bool {
        matches!(self.shallow(ty), ITy::Unknown(origin) if matches!(self.origin(origin), Unknown::Adt(_)))
    }

    /// Whether the type is that of a variant without fields, by its name.
    pub(crate) fn is_variant(&self, ty: &ITy) -> bool {
        matches!(self.shallow(ty), ITy::Unknown(origin) if matches!(self.origin(origin), Unknown::Variant(_)))
    }

    /// How many relations between types are still to be solved.
    pub(crate) fn n_relations(&self) -> (usize, usize) {
        (self.relations.len(), self.arrays.len())
    }

    /// Forgets the relations behind these.
    pub(crate) fn forget_relations(&mut self, (n_relations, n_arrays): (usize, usize)) {
        self.relations.truncate(n_relations);
        self.arrays.truncate(n_arrays);
    }

    /// Makes a type that of an array of such elements, of whatever length.
    pub(crate) fn array_of(&mut self, elem: &ITy) -> ITy {
        let array = self.fresh();
        self.arrays.push((array.clone(), elem.clone()));
        array
    }

    /// The type with what type parameters stand for in their place.
    pub(crate) fn concrete(&self, ty: &ITy) -> ITy {
        let boxed = |ty: &ITy| Box::new(self.concrete(ty));
        match self.shallow(ty) {
            ITy::Param(index) => match self.bound.get(index as usize) {
                Some(Some(scalar)) => ITy::Scalar(*scalar),
                _ => ITy::Param(index),
            },
            ITy::Tuple(elems) => ITy::Tuple(elems.iter().map(|elem| self.concrete(elem)).collect()),
            ITy::Slice { elem, mutable } => ITy::Slice {
                elem: boxed(&elem),
                mutable,
            },
            ITy::Array { elem, len } => ITy::Array {
                elem: boxed(&elem),
                len,
            },
            ITy::Ref { to, mutable } => ITy::Ref {
                to: boxed(&to),
                mutable,
            },
            ITy::Option(some) => ITy::Option(boxed(&some)),
            ITy::Result(ok, err) => ITy::Result(boxed(&ok), boxed(&err)),
            other => other,
        }
    }

    /// The type of the elements of an array of which nothing else is known.
    pub(super) fn elem_of_open_array(&self, var: TyVar) -> Option<ITy> {
        let is_it = |array: &ITy| matches!((self.shallow(array), self.shallow(&ITy::Var(var))), (ITy::Var(a), ITy::Var(b)) if a == b);
        let (_, elem) = self.arrays.iter().find(|(array, _)| is_it(array))?;
        Some(elem.clone())
    }

    /// Where an unknown type comes from.
    pub(super) fn origin(&self, Origin(number): Origin) -> Unknown {
        let index = (number as usize).checked_sub(1);
        let known = index.and_then(|index| self.origins.get(index));
        known.cloned().unwrap_or(Unknown::Reported)
    }

    /// A type about which nothing is known.
    pub(crate) fn fresh(&mut self) -> ITy {
        ITy::Var(self.variables.borrow_mut().add(Known::Open))
    }

    /// The type of an integer literal without suffix.
    pub(crate) fn fresh_integer(&mut self) -> ITy {
        ITy::Var(self.variables.borrow_mut().add(Known::Integer))
    }

    /// The type of a float literal without suffix.
    pub(crate) fn fresh_float(&mut self) -> ITy {
        ITy::Var(self.variables.borrow_mut().add(Known::Float))
    }

    /// The type of another literal of the kind of this one, if it is a literal's that is not known yet; else the type itself.
    pub(crate) fn as_literal(&self, ty: &ITy) -> ITy {
        match self.shallow(ty) {
            ITy::Var(var) => match self.known(var) {
                known @ (Known::Integer | Known::Float) => {
                    ITy::Var(self.variables.borrow_mut().add(known))
                }
                _ => ITy::Var(var),
            },
            ty => ty,
        }
    }

    pub(super) fn known(&self, var: TyVar) -> Known {
        self.variables.borrow_mut().known(var).clone()
    }

    fn root(&self, var: TyVar) -> TyVar {
        self.variables.borrow_mut().root(var)
    }

    /// The type with its outermost variable replaced by what is known.
    pub(crate) fn shallow(&self, ty: &ITy) -> ITy {
        let mut ty = ty.clone();
        while let ITy::Var(var) = ty {
            match self.known(var) {
                Known::Type(known) => ty = known,
                Known::Open | Known::Integer | Known::Float => {
                    return ITy::Var(self.root(var));
                }
            }
        }
        ty
    }

    /// Whether the type is a variable that stands for an integer or float literal.
    pub(crate) fn is_literal_var(&self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Var(var) => matches!(self.known(var), Known::Integer | Known::Float),
            _ => false,
        }
    }

    /// Leaves to rustc what is still open in types that had to agree with one that only rustc knows: the `T` of a `None` that is compared
    /// with the result of a function.
    pub(crate) fn leave_open(&mut self) {
        let mut left = std::mem::take(&mut self.agreed);
        while let Some(ty) = left.pop() {
            match self.shallow(&ty) {
                ITy::Var(var) if matches!(self.known(var), Known::Open) => {
                    self.variables
                        .borrow_mut()
                        .learn(var, Known::Type(ITy::REPORTED));
                }
                ITy::Tuple(elems) => left.extend(elems),
                ITy::Option(inner)
                | ITy::Slice { elem: inner, .. }
                | ITy::Array { elem: inner, .. }
                | ITy::Ref { to: inner, .. } => left.push(*inner),
                ITy::Result(ok, err) => left.extend([*ok, *err]),
                _ => {}
            }
        }
    }

    /// Makes two types equal.
    pub(crate) fn unify(&mut self, left: &ITy, right: &ITy) -> Result<(), Conflict> {
        let (left, right) = (self.shallow(left), self.shallow(right));
        let conflict = |left: ITy, right: ITy| Err(Conflict { left, right });
        match (left, right) {
            // A variable, also that of a literal, is not known better than what it has to agree with.
            (ITy::Var(var), unknown @ ITy::Unknown(_))
            | (unknown @ ITy::Unknown(_), ITy::Var(var)) => {
                self.variables.borrow_mut().learn(var, Known::Type(unknown));
                Ok(())
            }
            (ITy::Unknown(_), other) | (other, ITy::Unknown(_)) => {
                self.agreed.push(other);
                Ok(())
            }
            // A type parameter that is bound means a type.
            (ITy::Param(index), ITy::Scalar(scalar)) | (ITy::Scalar(scalar), ITy::Param(index))
                if self.bound.get(index as usize) == Some(&Some(scalar)) =>
            {
                Ok(())
            }
            // So do those of different functions, one of which contains the other.
            (ITy::Param(a), ITy::Param(b))
                if a != b
                    && matches!(
                        (self.bound.get(a as usize), self.bound.get(b as usize)),
                        (Some(Some(a)), Some(Some(b))) if a == b
                    ) =>
            {
                Ok(())
            }
            (ITy::Var(a), ITy::Var(b)) => match (self.known(a), self.known(b)) {
                (Known::Integer, Known::Float) | (Known::Float, Known::Integer) => {
                    conflict(ITy::Var(a), ITy::Var(b))
                }
                _ => {
                    self.variables.borrow_mut().join(a, b);
                    Ok(())
                }
            },
            (ITy::Var(var), ty) | (ty, ITy::Var(var)) => {
                // A literal of a caller's has the type that a parameter of a contained function stands for.
                let ty = match (self.known(var), &ty) {
                    (Known::Integer | Known::Float, ITy::Param(index)) => {
                        let bound = self.bound.get(*index as usize).copied().flatten();
                        bound.map_or(ty, ITy::Scalar)
                    }
                    _ => ty,
                };
                let fits = match self.known(var) {
                    Known::Open | Known::Type(_) => true,
                    Known::Integer => matches!(&ty, ITy::Scalar(scalar) if scalar.is_int()),
                    Known::Float => matches!(&ty, ITy::Scalar(scalar) if scalar.is_float()),
                };
                if !fits || self.occurs(var, &ty) {
                    return conflict(ITy::Var(var), ty);
                }
                self.variables.borrow_mut().learn(var, Known::Type(ty));
                Ok(())
            }
            (ITy::Tuple(a), ITy::Tuple(b)) if a.len() == b.len() => {
                a.iter().zip(&b).try_for_each(|(a, b)| self.unify(a, b))
            }
            (
                ITy::Slice {
                    elem: a,
                    mutable: m,
                },
                ITy::Slice {
                    elem: b,
                    mutable: n,
                },
            ) if m == n => self.unify(&a, &b),
            (ITy::Array { elem: a, len: m }, ITy::Array { elem: b, len: n }) if !matches!((m, n), (Len::Known(m), Len::Known(n)) if m != n) => {
                self.unify(&a, &b)
            }
            (ITy::Ref { to: a, mutable: m }, ITy::Ref { to: b, mutable: n }) if m == n => {
                self.unify(&a, &b)
            }
            (ITy::Option(a), ITy::Option(b)) => self.unify(&a, &b),
            (ITy::Result(a, e), ITy::Result(b, f)) => {
                self.unify(&a, &b)?;
                self.unify(&e, &f)
            }
            // Names with their paths and arguments are unique.
            (ITy::Struct(a), ITy::Struct(b)) if a.name == b.name => Ok(()),
            (ITy::Enum(a), ITy::Enum(b)) if a.name == b.name => Ok(()),
            (ITy::DataEnum(a), ITy::DataEnum(b)) if a.name == b.name => Ok(()),
            (a, b) if a == b => Ok(()),
            (a, b) => conflict(a, b),
        }
    }

    fn occurs(&self, var: TyVar, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Var(other) => self.variables.borrow_mut().are_equal(var, other),
            ITy::Tuple(elems) => elems.iter().any(|elem| self.occurs(var, elem)),
            ITy::Slice { elem, .. } | ITy::Array { elem, .. } => self.occurs(var, &elem),
            ITy::Ref { to, .. } => self.occurs(var, &to),
            ITy::Option(some) => self.occurs(var, &some),
            ITy::Result(ok, err) => self.occurs(var, &ok) || self.occurs(var, &err),
            ITy::Unit
            | ITy::Scalar(_)
            | ITy::Char
            | ITy::Param(_)
            | ITy::Struct(_)
            | ITy::Enum(_)
            | ITy::DataEnum(_)
            | ITy::Ordering
            | ITy::TryFromIntError
            | ITy::TryFromSliceError
            | ITy::Closure(_)
            | ITy::Fn(_)
            | ITy::Iter(_)
            | ITy::View(_)
            | ITy::Unknown(_) => false,
        }
    }

    /// The type that a table entry names, relative to `of`. Where that needs to know `of` and it is open, a variable
    /// that [`Inference::solve`] settles.
    pub(crate) fn related(&mut self, relation: SigTy, of: &ITy, span: Span) -> ITy {
        match relation {
            SigTy::S => of.clone(),
            SigTy::Fixed(scalar) => ITy::Scalar(scalar),
            SigTy::PairOfS => ITy::Tuple(vec![of.clone(), of.clone()]),
            SigTy::SAndBool => ITy::Tuple(vec![of.clone(), ITy::BOOL]),
            SigTy::Ordering => ITy::Ordering,
            SigTy::OptionOfS => ITy::Option(Box::new(of.clone())),
            SigTy::OptionOfSigned => {
                let number = self.related(SigTy::SignedOfS, of, span);
                ITy::Option(Box::new(number))
            }
            SigTy::OptionOfU32 => ITy::Option(Box::new(ITy::Scalar(ScalarTy::U32))),
            SigTy::OptionOfOrdering => ITy::Option(Box::new(ITy::Ordering)),
            SigTy::UnsignedOfS | SigTy::SignedOfS | SigTy::BitsOfS => {
                if let ITy::Scalar(scalar) = self.shallow(of)
                    && let Some(out) = relate(relation, scalar)
                {
                    return ITy::Scalar(out);
                }
                if matches!(self.shallow(of), ITy::Unknown(_)) {
                    return ITy::REPORTED;
                }
                let out = self.fresh();
                self.relations.push(Relation {
                    relation,
                    of: of.clone(),
                    out: out.clone(),
                    span,
                });
                out
            }
        }
    }

    /// Settles what can be settled: relations whose operand is known, then literals by rustc's defaults. Returns the relations
    /// that are contradictory or cannot be settled.
    ///
    /// `ask` is called before literals get defaults: where the type of a literal depends on what rustc is asked ([`Inference::witness`]), it is
    /// rustc's to decide.
    pub(crate) fn solve(
        &mut self,
        ask: impl FnOnce(&mut Self),
    ) -> Vec<(Relation, Option<Conflict>)> {
        let mut failed = Vec::new();
        self.solve_relations(&mut failed);
        ask(self);
        for var in std::mem::take(&mut self.asked) {
            let _ = self.unify(&ITy::Var(var), &ITy::REPORTED);
        }
        let n_vars = self.variables.borrow().len();
        for index in 0..n_vars as u32 {
            let default = match self.known(TyVar(index)) {
                Known::Integer => ScalarTy::I32,
                Known::Float => ScalarTy::F64,
                Known::Open | Known::Type(_) => continue,
            };
            self.variables
                .borrow_mut()
                .learn(TyVar(index), Known::Type(ITy::Scalar(default)));
        }
        self.solve_relations(&mut failed);
        failed.extend(self.relations.drain(..).map(|relation| (relation, None)));
        failed
    }

    fn solve_relations(&mut self, failed: &mut Vec<(Relation, Option<Conflict>)>) {
        loop {
            let mut progress = false;
            for (array, elem) in std::mem::take(&mut self.arrays) {
                match self.shallow(&array) {
                    // That they differ is for whoever makes use of the array to report.
                    ITy::Array { elem: known, .. } => progress |= self.unify(&known, &elem).is_ok(),
                    ITy::Var(_) => self.arrays.push((array, elem)),
                    whole @ ITy::Unknown(_) if matches!(self.shallow(&elem), ITy::Var(_)) => {
                        let part = self.unknown(Unknown::Index(whole, ITy::USIZE));
                        progress |= self.unify(&part, &elem).is_ok();
                    }
                    _ => {}
                }
            }
            for relation in std::mem::take(&mut self.relations) {
                let of = self.shallow(&relation.of);
                // `from_bits` is the one method whose argument says what the type is.
                let known = match of {
                    ITy::Scalar(scalar) => relate(relation.relation, scalar).map(ITy::Scalar),
                    ITy::Unknown(_) => Some(ITy::REPORTED),
                    _ => None,
                };
                match known {
                    None => self.relations.push(relation),
                    Some(out) => {
                        progress = true;
                        if let Err(conflict) = self.unify(&relation.out, &out) {
                            failed.push((relation, Some(conflict)));
                        }
                    }
                }
            }
            if !progress {
                return;
            }
        }
    }

    /// The final type; `None` if a variable is still open.
    pub(crate) fn resolve(&self, ty: &ITy) -> Option<Ty> {
        Some(match self.shallow(ty) {
            ITy::Unit => Ty::Unit,
            ITy::Scalar(scalar) => Ty::Scalar(scalar),
            ITy::Char => Ty::Scalar(ScalarTy::U32),
            ITy::Param(index) => match self.bound.get(index as usize) {
                Some(Some(scalar)) => Ty::Scalar(*scalar),
                _ => Ty::Param(index),
            },
            ITy::Tuple(elems) => Ty::Tuple(
                elems
                    .iter()
                    .map(|elem| self.resolve(elem))
                    .collect::<Option<_>>()?,
            ),
            ITy::Slice { elem, mutable } => Ty::Slice {
                elem: Box::new(self.resolve(&elem)?),
                mutable,
            },
            ITy::Array {
                elem,
                len: Len::Known(len),
            } => Ty::Array {
                elem: Box::new(self.resolve(&elem)?),
                len,
            },
            ITy::Ref { to, mutable } => Ty::Ref {
                to: Box::new(self.resolve(&to)?),
                mutable,
            },
            ITy::Struct(info) => Ty::Struct(struct_ty(&info)?),
            ITy::Enum(info) => Ty::Scalar(info.repr),
            ITy::DataEnum(info) => Ty::Struct(data_enum_ty(&info)?),
            ITy::Option(some) => Ty::Tuple(self.resolve_variants(&[&some])?),
            ITy::Result(ok, err) => Ty::Tuple(self.resolve_variants(&[&ok, &err])?),
            ITy::Ordering => Ty::Scalar(ScalarTy::I8),
            ITy::TryFromIntError | ITy::TryFromSliceError => Ty::BOOL,
            // What exists only while lowering has a value that nobody looks at.
            ITy::Closure(_) | ITy::Fn(_) | ITy::Iter(_) | ITy::View(_) => Ty::BOOL,
            ITy::Array { .. } | ITy::Var(_) | ITy::Unknown(_) => return None,
        })
    }

    /// What an `Option` or `Result` is in the IR: whether it is the first variant, then the payloads, `()` as a `bool`.
    fn resolve_variants(&self, payloads: &[&ITy]) -> Option<Vec<Ty>> {
        let mut elems = vec![Ty::BOOL];
        for payload in payloads {
            elems.push(match self.resolve(payload)? {
                // So that the number of elements does not depend on the types.
                Ty::Unit => Ty::BOOL,
                payload => payload,
            });
        }
        Some(elems)
    }

    /// Whether a part of the type is unknown.
    pub(crate) fn has_unknown(&self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Unknown(_) => true,
            ITy::Tuple(elems) => elems.iter().any(|elem| self.has_unknown(elem)),
            ITy::Slice { elem, .. } => self.has_unknown(&elem),
            ITy::Array { elem, len } => !matches!(len, Len::Known(_)) || self.has_unknown(&elem),
            ITy::Ref { to, .. } => self.has_unknown(&to),
            ITy::Option(some) => self.has_unknown(&some),
            ITy::Result(ok, err) => self.has_unknown(&ok) || self.has_unknown(&err),
            ITy::Unit
            | ITy::Scalar(_)
            | ITy::Char
            | ITy::Param(_)
            | ITy::Struct(_)
            | ITy::Enum(_)
            | ITy::DataEnum(_)
            | ITy::Ordering
            | ITy::TryFromIntError
            | ITy::TryFromSliceError
            | ITy::Closure(_)
            | ITy::Fn(_)
            | ITy::Iter(_)
            | ITy::View(_)
            | ITy::Var(_) => false,
        }
    }

    /// The type as a person would write it; variables as rustc prints them.
    pub(crate) fn show(&self, ty: &ITy, params: &[String]) -> String {
        match self.shallow(ty) {
            ITy::Unit => "()".to_owned(),
            ITy::Scalar(scalar) => scalar.name().to_owned(),
            ITy::Char => "char".to_owned(),
            ITy::Param(index) => params
                .get(index as usize)
                .cloned()
                .unwrap_or_else(|| "?".to_owned()),
            ITy::Tuple(elems) => {
                let mut text = elems
                    .iter()
                    .map(|elem| self.show(elem, params))
                    .collect::<Vec<_>>()
                    .join(", ");
                if elems.len() == 1 {
                    text.push(',');
                }
                format!("({text})")
            }
            ITy::Slice { elem, mutable } => {
                let elem = self.show(&elem, params);
                format!("&{}[{elem}]", if mutable { "mut " } else { "" })
            }
            ITy::Array { elem, len } => {
                let elem = self.show(&elem, params);
                match len {
                    Len::Known(len) => format!("[{elem}; {len}]"),
                    Len::Param(_) | Len::Unknown => format!("[{elem}; _]"),
                }
            }
            ITy::Ref { to, mutable } => {
                let to = self.show(&to, params);
                format!("&{}{to}", if mutable { "mut " } else { "" })
            }
            ITy::Struct(info) => last_segment(&info.name),
            ITy::Enum(info) => last_segment(&info.name),
            ITy::DataEnum(info) => last_segment(&info.name),
            ITy::Option(some) => format!("Option<{}>", self.show(&some, params)),
            ITy::Result(ok, err) => {
                let ok = self.show(&ok, params);
                format!("Result<{ok}, {}>", self.show(&err, params))
            }
            ITy::Ordering => "Ordering".to_owned(),
            ITy::TryFromIntError => "TryFromIntError".to_owned(),
            ITy::TryFromSliceError => "TryFromSliceError".to_owned(),
            ITy::Closure(_) => "{closure}".to_owned(),
            ITy::Fn(_) => "{function}".to_owned(),
            ITy::Iter(_) => "{iterator}".to_owned(),
            ITy::View(_) => "{array}".to_owned(),
            ITy::Unknown(_) => "_".to_owned(),
            ITy::Var(var) => match self.known(var) {
                Known::Integer => "{integer}".to_owned(),
                Known::Float => "{float}".to_owned(),
                Known::Open | Known::Type(_) => "_".to_owned(),
            },
        }
    }
}

/// `Vec3<f64>` of `my_crate::shapes::Vec3<f64>`.
fn last_segment(path: &str) -> String {
    let (head, args) = path.split_at(path.find(['<', '(']).unwrap_or(path.len()));
    let name = head.rsplit("::").next().unwrap_or(head);
    format!("{name}{args}")
}

/// The concrete type that `relation` names for `scalar`, if there is one.
fn relate(relation: SigTy, scalar: ScalarTy) -> Option<ScalarTy> {
    match relation {
        SigTy::UnsignedOfS => scalar.is_int().then(|| scalar.to_unsigned()),
        SigTy::SignedOfS => scalar.is_int().then(|| scalar.to_signed()),
        SigTy::BitsOfS => scalar.bits_ty(),
        SigTy::S
        | SigTy::Fixed(_)
        | SigTy::PairOfS
        | SigTy::SAndBool
        | SigTy::Ordering
        | SigTy::OptionOfS
        | SigTy::OptionOfSigned
        | SigTy::OptionOfU32
        | SigTy::OptionOfOrdering => None,
    }
}
