//! Methods of std that another method of their name would come before: rustc is made to refuse that.
//!
//! rustc looks for a method at the receiver's type by value, then by `&`, then by `&mut`, and then at what the receiver leads to. A method of std's that it
//! finds at the first of these places comes before all others, as it is the type's own; at a later place, a trait of the user's may have one
//! that comes first, `trait Length { fn len(&self) -> f64; } impl Length for [f64; 3]`.

use crate::hir;

use super::externs::Question;
use super::infer::ITy;
use super::operators::BORROWING;
use super::state::Lowering;

/// Methods of slices that read.
const READING: &[&str] = &[
    "len",
    "is_empty",
    "iter",
    "first",
    "last",
    "get",
    "contains",
    "windows",
    "chunks",
    "chunks_exact",
    "rchunks",
    "rchunks_exact",
    "chunk_by",
    "split",
    "split_at",
    "split_first",
    "split_last",
    "starts_with",
    "ends_with",
    "binary_search",
    "binary_search_by",
    "binary_search_by_key",
    "partition_point",
    "is_sorted",
    "is_sorted_by",
    "is_sorted_by_key",
    "get_unchecked",
];

/// Methods of slices that store.
const STORING: &[&str] = &[
    "iter_mut",
    "first_mut",
    "last_mut",
    "get_mut",
    "chunks_mut",
    "chunks_exact_mut",
    "rchunks_mut",
    "rchunks_exact_mut",
    "chunk_by_mut",
    "split_mut",
    "split_at_mut",
    "split_first_mut",
    "split_last_mut",
    "get_unchecked_mut",
    "swap",
    "fill",
    "fill_with",
    "reverse",
    "rotate_left",
    "rotate_right",
    "copy_from_slice",
    "clone_from_slice",
    "copy_within",
    "swap_with_slice",
    "sort",
    "sort_by",
    "sort_by_key",
    "sort_unstable",
    "sort_unstable_by",
    "sort_unstable_by_key",
    "select_nth_unstable",
    "select_nth_unstable_by",
];

/// Methods of options and results that borrow them.
const BORROWING_OPTIONS: &[&str] = &[
    "is_some",
    "is_none",
    "is_ok",
    "is_err",
    "as_ref",
    "as_mut",
    "as_deref",
    "iter",
    "iter_mut",
    "take",
    "take_if",
    "replace",
    "insert",
    "get_or_insert",
    "get_or_insert_with",
];

/// Methods of options and results by value, which are often called through references.
const OF_OPTIONS: &[&str] = &[
    "unwrap",
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "expect",
    "map",
    "map_or",
    "map_or_else",
    "and_then",
    "or",
    "or_else",
    "ok_or",
    "filter",
    "is_some_and",
    "is_none_or",
    "is_ok_and",
    "ok",
    "err",
];

impl Lowering<'_> {
    /// Has rustc say that std's method is the one that is called, where another one could come before it.
    pub(super) fn ask_whether_first(&mut self, call: &hir::ExprMethodCall, receiver: &ITy) {
        if !self.context_is_open() {
            return;
        }
        let receiver = self.infer.shallow(receiver);
        let (name, n_args) = (call.method.name.as_str(), call.args.len());
        let is_of_slices = READING.contains(&name) || STORING.contains(&name);
        let is_asked = match &receiver {
            ITy::Scalar(_) | ITy::Char => BORROWING.contains(&name) || borrows_number(name),
            ITy::Array { .. } => is_of_slices,
            ITy::Slice { mutable, .. } => *mutable && READING.contains(&name),
            ITy::Option(_) | ITy::Result(..) => BORROWING_OPTIONS.contains(&name),
            ITy::Ref { to, .. } => match self.infer.shallow(to) {
                ITy::Scalar(_) => self.is_own_method(name, to),
                ITy::Array { .. } | ITy::Slice { .. } => is_of_slices,
                ITy::Option(_) | ITy::Result(..) => OF_OPTIONS.contains(&name),
                _ => false,
            },
            _ => false,
        };
        if is_asked {
            self.ask(call.method.span(), Question::Borrows { receiver, n_args });
        }
    }

    /// Whether numbers have a method of this name themselves, which takes them by value.
    fn is_own_method(&self, name: &str, ty: &ITy) -> bool {
        use crate::intrinsic::Intrinsic;
        let ITy::Scalar(scalar) = self.infer.shallow(ty) else {
            return false;
        };
        let of_class = |it: Intrinsic| it.info().class.contains(scalar);
        !BORROWING.contains(&name)
            && !borrows_number(name)
            && Intrinsic::from_rust(name).is_some_and(of_class)
    }
}

/// Whether numbers have a method of this name themselves, which borrows them.
fn borrows_number(name: &str) -> bool {
    name == "total_cmp" || name.contains("_ascii")
}
