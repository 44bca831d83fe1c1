//! Type inference: unification with variables for integer and float literals, as rustc does it for the same code.

use ena::unify::{InPlaceUnificationTable, NoError, UnifyKey, UnifyValue};

use crate::intrinsic::SigTy;
use crate::ty::{ScalarTy, Ty};

/// A type during inference.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ITy {
    Unit,
    Scalar(ScalarTy),
    Param(u32),
    Tuple(Vec<ITy>),
    Slice { elem: Box<ITy>, mutable: bool },
    Var(TyVar),
}

impl ITy {
    pub(crate) const BOOL: ITy = ITy::Scalar(ScalarTy::Bool);
    pub(crate) const USIZE: ITy = ITy::Scalar(ScalarTy::Usize);
}

impl From<ScalarTy> for ITy {
    fn from(scalar: ScalarTy) -> ITy {
        ITy::Scalar(scalar)
    }
}

/// A type variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TyVar(u32);

/// What is known of a variable: `{integer}`, `{float}`, or a type whose inner variables may be open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Known {
    Open,
    Integer,
    Float,
    Type(ITy),
}

impl UnifyKey for TyVar {
    type Value = Known;
    fn index(&self) -> u32 {
        self.0
    }
    fn from_index(index: u32) -> Self {
        TyVar(index)
    }
    fn tag() -> &'static str {
        "TyVar"
    }
}

impl UnifyValue for Known {
    type Error = NoError;
    /// Only called after [`Inference::unify`] has found the two compatible.
    fn unify_values(left: &Known, right: &Known) -> Result<Known, NoError> {
        Ok(match (left, right) {
            (Known::Type(ty), _) | (_, Known::Type(ty)) => Known::Type(ty.clone()),
            (Known::Open, other) | (other, Known::Open) => other.clone(),
            (known, _) => known.clone(),
        })
    }
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
    pub(crate) span: proc_macro2::Span,
}

/// The state of inference for one function.
#[derive(Default)]
pub(crate) struct Inference {
    table: InPlaceUnificationTable<TyVar>,
    relations: Vec<Relation>,
}

impl Inference {
    /// A type about which nothing is known.
    pub(crate) fn fresh(&mut self) -> ITy {
        ITy::Var(self.table.new_key(Known::Open))
    }

    /// The type of an integer literal without suffix.
    pub(crate) fn fresh_integer(&mut self) -> ITy {
        ITy::Var(self.table.new_key(Known::Integer))
    }

    /// The type of a float literal without suffix.
    pub(crate) fn fresh_float(&mut self) -> ITy {
        ITy::Var(self.table.new_key(Known::Float))
    }

    /// The type with its outermost variable replaced by what is known.
    pub(crate) fn shallow(&mut self, ty: &ITy) -> ITy {
        let mut ty = ty.clone();
        while let ITy::Var(var) = ty {
            match self.table.probe_value(var) {
                Known::Type(known) => ty = known,
                Known::Open | Known::Integer | Known::Float => {
                    return ITy::Var(self.table.find(var));
                }
            }
        }
        ty
    }

    /// Whether the type is a variable that stands for an integer or float literal.
    pub(crate) fn is_literal_var(&mut self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Var(var) => matches!(self.table.probe_value(var), Known::Integer | Known::Float),
            _ => false,
        }
    }

    /// Makes two types equal.
    pub(crate) fn unify(&mut self, left: &ITy, right: &ITy) -> Result<(), Conflict> {
        let (left, right) = (self.shallow(left), self.shallow(right));
        let conflict = |left: ITy, right: ITy| Err(Conflict { left, right });
        match (left, right) {
            (ITy::Var(a), ITy::Var(b)) => {
                match (self.table.probe_value(a), self.table.probe_value(b)) {
                    (Known::Integer, Known::Float) | (Known::Float, Known::Integer) => {
                        conflict(ITy::Var(a), ITy::Var(b))
                    }
                    _ => {
                        self.table.union(a, b);
                        Ok(())
                    }
                }
            }
            (ITy::Var(var), ty) | (ty, ITy::Var(var)) => {
                let fits = match self.table.probe_value(var) {
                    Known::Open | Known::Type(_) => true,
                    Known::Integer => matches!(&ty, ITy::Scalar(scalar) if scalar.is_int()),
                    Known::Float => matches!(&ty, ITy::Scalar(scalar) if scalar.is_float()),
                };
                if !fits || self.occurs(var, &ty) {
                    return conflict(ITy::Var(var), ty);
                }
                self.table.union_value(var, Known::Type(ty));
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
            (a, b) if a == b => Ok(()),
            (a, b) => conflict(a, b),
        }
    }

    fn occurs(&mut self, var: TyVar, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Var(other) => self.table.unioned(var, other),
            ITy::Tuple(elems) => elems.iter().any(|elem| self.occurs(var, elem)),
            ITy::Slice { elem, .. } => self.occurs(var, &elem),
            ITy::Unit | ITy::Scalar(_) | ITy::Param(_) => false,
        }
    }

    /// The type that a table entry names, relative to `of`. Where that needs to know `of` and it is open, a variable
    /// that [`Inference::solve`] settles.
    pub(crate) fn related(&mut self, relation: SigTy, of: &ITy, span: proc_macro2::Span) -> ITy {
        match relation {
            SigTy::S => of.clone(),
            SigTy::Fixed(scalar) => ITy::Scalar(scalar),
            SigTy::PairOfS => ITy::Tuple(vec![of.clone(), of.clone()]),
            SigTy::SAndBool => ITy::Tuple(vec![of.clone(), ITy::BOOL]),
            SigTy::Ordering => ITy::Scalar(ScalarTy::I8),
            SigTy::OptionOfS => ITy::Tuple(vec![ITy::BOOL, of.clone()]),
            SigTy::OptionOfSigned => {
                let number = self.related(SigTy::SignedOfS, of, span);
                ITy::Tuple(vec![ITy::BOOL, number])
            }
            SigTy::OptionOfU32 => ITy::Tuple(vec![ITy::BOOL, ITy::Scalar(ScalarTy::U32)]),
            SigTy::OptionOfOrdering => ITy::Tuple(vec![ITy::BOOL, ITy::Scalar(ScalarTy::I8)]),
            SigTy::UnsignedOfS | SigTy::SignedOfS | SigTy::BitsOfS => {
                if let ITy::Scalar(scalar) = self.shallow(of)
                    && let Some(out) = relate(relation, scalar)
                {
                    return ITy::Scalar(out);
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
    pub(crate) fn solve(&mut self) -> Vec<(Relation, Option<Conflict>)> {
        let mut failed = Vec::new();
        self.solve_relations(&mut failed);
        for index in 0..self.table.len() as u32 {
            let default = match self.table.probe_value(TyVar(index)) {
                Known::Integer => ScalarTy::I32,
                Known::Float => ScalarTy::F64,
                Known::Open | Known::Type(_) => continue,
            };
            self.table
                .union_value(TyVar(index), Known::Type(ITy::Scalar(default)));
        }
        self.solve_relations(&mut failed);
        failed.extend(self.relations.drain(..).map(|relation| (relation, None)));
        failed
    }

    fn solve_relations(&mut self, failed: &mut Vec<(Relation, Option<Conflict>)>) {
        loop {
            let mut progress = false;
            for relation in std::mem::take(&mut self.relations) {
                let of = self.shallow(&relation.of);
                // `from_bits` is the one method whose argument says what the type is.
                let known = match (of, relation.relation) {
                    (ITy::Scalar(scalar), _) => relate(relation.relation, scalar),
                    _ => None,
                };
                match known {
                    None => self.relations.push(relation),
                    Some(out) => {
                        progress = true;
                        if let Err(conflict) = self.unify(&relation.out, &ITy::Scalar(out)) {
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
    pub(crate) fn resolve(&mut self, ty: &ITy) -> Option<Ty> {
        Some(match self.shallow(ty) {
            ITy::Unit => Ty::Unit,
            ITy::Scalar(scalar) => Ty::Scalar(scalar),
            ITy::Param(index) => Ty::Param(index),
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
            ITy::Var(_) => return None,
        })
    }

    /// The type as a person would write it; variables as rustc prints them.
    pub(crate) fn show(&mut self, ty: &ITy, params: &[String]) -> String {
        match self.shallow(ty) {
            ITy::Unit => "()".to_owned(),
            ITy::Scalar(scalar) => scalar.name().to_owned(),
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
            ITy::Var(var) => match self.table.probe_value(var) {
                Known::Integer => "{integer}".to_owned(),
                Known::Float => "{float}".to_owned(),
                Known::Open | Known::Type(_) => "_".to_owned(),
            },
        }
    }
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
