//! What rustc is told of types.

use super::externs::{ArrayLen, WITNESS_DEPTH, Witness};
use super::infer::{ITy, Inference, Known, Len, Origin, Unknown};

/// Below how many levels a witness names what it is made of, which is told once.
const SHARED_DEPTH: usize = 6;

/// What is told of unknown types that are deep inside of others, so that however long a formula is, all of it is told.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// By the numbers of the origins, in an order in which each comes behind its parts.
    pub(super) known: Vec<(u32, Witness)>,
    /// Those of which too little is known, or that are asked for right now.
    left_out: Vec<u32>,
}

impl Inference {
    /// Whether a type is that of a closure which gives something of which rustc is told nothing.
    pub(super) fn is_open_closure(&mut self, ty: &ITy) -> bool {
        match self.witness(ty, super::externs::WITNESS_DEPTH) {
            Witness::Closure(_, result) => result.is_open(),
            _ => false,
        }
    }

    /// The type as far as it is known, for rustc. `depth` limits how much of the origins of unknown types is told.
    pub(crate) fn witness(&mut self, ty: &ITy, depth: usize) -> Witness {
        let Some(depth) = depth.checked_sub(1) else {
            return Witness::Unknown;
        };
        if depth + SHARED_DEPTH < WITNESS_DEPTH
            && let ITy::Unknown(origin) = self.shallow(ty)
            && let Some(shared) = self.shared_witness(origin)
        {
            return shared;
        }
        let boxed = |this: &mut Self, ty: &ITy| Box::new(this.witness(ty, depth));
        let several = |this: &mut Self, tys: &[ITy]| -> Vec<Witness> {
            tys.iter().map(|ty| this.witness(ty, depth)).collect()
        };
        match self.shallow(ty) {
            ITy::Unit => Witness::Unit,
            ITy::Scalar(scalar) => Witness::Scalar(scalar),
            ITy::Char => Witness::Char,
            ITy::Param(index) => Witness::Param(index),
            ITy::Tuple(elems) => Witness::Tuple(several(self, &elems)),
            ITy::Slice { elem, mutable } => Witness::Slice {
                elem: boxed(self, &elem),
                mutable,
            },
            ITy::Array { elem, len } => Witness::Array(
                boxed(self, &elem),
                match len {
                    Len::Known(len) => Some(ArrayLen::Known(len)),
                    Len::Param(index) => {
                        let name = self.const_params.get(index as usize);
                        name.map(|name| ArrayLen::Param(name.clone()))
                    }
                    Len::Unknown => None,
                },
            ),
            ITy::Ref { to, mutable } => Witness::Ref {
                to: boxed(self, &to),
                mutable,
            },
            ITy::Option(some) => Witness::Option(boxed(self, &some)),
            ITy::Result(ok, err) => Witness::Result(boxed(self, &ok), boxed(self, &err)),
            ITy::Ordering => Witness::Ordering,
            // At build time these are types that only rustc knows, or their names tell nothing that could be written down.
            ITy::Struct(_)
            | ITy::Enum(_)
            | ITy::DataEnum(_)
            | ITy::TryFromIntError
            | ITy::TryFromSliceError
            | ITy::Closure(_)
            | ITy::Fn(_)
            | ITy::Iter(_)
            | ITy::View(_) => Witness::Unknown,
            ITy::Var(var) => {
                self.asked.push(var);
                match self.known(var) {
                    Known::Integer => Witness::Int,
                    Known::Float => Witness::Float,
                    Known::Open | Known::Type(_) => match self.elem_of_open_array(var) {
                        Some(elem) => Witness::Array(boxed(self, &elem), None),
                        None => Witness::Unknown,
                    },
                }
            }
            ITy::Unknown(origin) => match self.origin(origin) {
                Unknown::Reported => Witness::Unknown,
                Unknown::Adt(node) => Witness::Adt(node.0),
                Unknown::Made(node, made) => {
                    let expected = self.expected_type(origin);
                    let tells = |ty: &ITy| !self.is_result(ty) || !self.is_open_made(ty);
                    if let Some(expected) = expected.filter(tells) {
                        return self.witness(&expected, depth);
                    }
                    if let Some(expected) = self.expected_witness(&ITy::Unknown(origin), depth) {
                        return expected;
                    }
                    Witness::Made(node.0, made.witness(|ty| self.witness(ty, depth)))
                }
                Unknown::Const(node) => Witness::Const(node.0),
                Unknown::Variant(node) => match self.expected_type(origin) {
                    Some(expected) if !self.is_open_made(&expected) => {
                        self.witness(&expected, depth)
                    }
                    _ => Witness::Const(node.0),
                },
                Unknown::Call(node, args) => {
                    if let Some(expected) = self.expected_witness(&ITy::Unknown(origin), depth) {
                        return expected;
                    }
                    Witness::Call(node.0, several(self, &args))
                }
                Unknown::Method(node, receiver, args) => {
                    Witness::Method(node.0, boxed(self, &receiver), several(self, &args))
                }
                Unknown::Operator(node, receiver, args) => {
                    Witness::Operator(node.0, boxed(self, &receiver), several(self, &args))
                }
                Unknown::Macro(node, names, args) => Witness::Macro(
                    node.0,
                    names.iter().map(|name| name.0).collect(),
                    several(self, &args),
                ),
                Unknown::Field(base, name) => Witness::Field(boxed(self, &base), name),
                Unknown::Payload(base, path, name) => {
                    Witness::Payload(boxed(self, &base), path.0, name)
                }
                Unknown::Index(base, index) => {
                    Witness::Index(boxed(self, &base), boxed(self, &index))
                }
                Unknown::Closure(n_params, result) => {
                    Witness::Closure(n_params, boxed(self, &result))
                }
                Unknown::Iter(made, item) => Witness::Iter(made, boxed(self, &item)),
            },
        }
    }

    /// The name of an unknown type, which is told once. `None`: it is to be told where it stands.
    fn shared_witness(&mut self, origin: Origin) -> Option<Witness> {
        let is_worth = matches!(
            self.origin(origin),
            Unknown::Call(..) | Unknown::Method(..) | Unknown::Operator(..) | Unknown::Macro(..)
        );
        let shared = self.shared.as_mut().filter(|_| is_worth)?;
        if shared.known.iter().any(|(known, _)| *known == origin.0) {
            return Some(Witness::Shared(origin.0));
        }
        if shared.left_out.contains(&origin.0) {
            return None;
        }
        shared.left_out.push(origin.0);
        let witness = self.witness(&ITy::Unknown(origin), WITNESS_DEPTH);
        if witness.is_open() {
            return None;
        }
        let shared = self.shared.as_mut()?;
        shared.left_out.retain(|left_out| *left_out != origin.0);
        shared.known.push((origin.0, witness));
        Some(Witness::Shared(origin.0))
    }
}
