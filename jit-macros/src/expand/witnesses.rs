//! What is known of a type from what lowering told of it.

use hotloop_ir::frontend::Witness;

/// Whether a type is that of a number.
pub(super) fn is_number(witness: &Witness) -> bool {
    matches!(
        witness,
        Witness::Scalar(_) | Witness::Param(_) | Witness::Int | Witness::Float
    )
}

/// What a witness of a reference refers to.
pub(super) trait Pointee {
    fn pointee(&self) -> &Self;
}

impl Pointee for Witness {
    fn pointee(&self) -> &Self {
        match self {
            Witness::Ref { to, .. } => to.pointee(),
            other => other,
        }
    }
}

/// Whether a part of the type is rustc's to infer.
pub(super) fn is_open(witness: &Witness) -> bool {
    match witness {
        Witness::Unknown | Witness::Closure(..) => true,
        Witness::Within(call, outer) => is_open(call) || is_open(outer),
        Witness::Tuple(elems) => elems.iter().any(is_open),
        Witness::Array(inner, _) | Witness::Option(inner) | Witness::Iter(_, inner) => {
            is_open(inner)
        }
        Witness::Slice { elem: inner, .. } | Witness::Ref { to: inner, .. } => is_open(inner),
        Witness::Result(ok, err) => is_open(ok) || is_open(err),
        Witness::Field(of, _)
        | Witness::Payload(of, ..)
        | Witness::Index(of, _)
        | Witness::Method(_, of, _) => is_open(of),
        Witness::Operator(_, left, right) => is_open(left) || right.iter().any(is_open),
        Witness::Scalar(_)
        | Witness::Char
        | Witness::Param(_)
        | Witness::Unit
        | Witness::Ordering
        | Witness::Adt(_)
        | Witness::Made(..)
        | Witness::Const(_)
        | Witness::Call(..)
        | Witness::Macro(..)
        | Witness::Hole
        | Witness::Int
        | Witness::Float => false,
    }
}
