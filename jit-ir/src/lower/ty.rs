//! Types as they are written: parameters, results, annotations, casts.

use super::diag::Code;
use super::infer::ITy;
use super::state::Lowering;
use crate::hir;
use crate::ty::ScalarTy;

impl Lowering<'_> {
    /// The type that is written here, if it is one of ours; otherwise reports it.
    pub(super) fn lower_ty(&mut self, ty: &hir::Type) -> Option<ITy> {
        match ty {
            hir::Type::Paren(inner) => self.lower_ty(&inner.elem),
            hir::Type::Group(inner) => self.lower_ty(&inner.elem),
            hir::Type::Infer(_) => Some(self.infer.fresh()),
            hir::Type::Tuple(tuple) if tuple.elems.is_empty() => Some(ITy::Unit),
            hir::Type::Tuple(tuple) => {
                let elems: Vec<_> = tuple.elems.iter().map(|elem| self.lower_ty(elem)).collect();
                Some(ITy::Tuple(elems.into_iter().collect::<Option<_>>()?))
            }
            hir::Type::Reference(reference) => self.lower_reference(reference),
            hir::Type::Path(path) => self.lower_ty_path(path),
            hir::Type::Array(_) => self.refuse_ty(ty, "arrays", "pass a slice `&[T]`"),
            hir::Type::Slice(_) => {
                self.refuse_ty(ty, "unsized slices", "write `&[T]` or `&mut [T]`")
            }
            hir::Type::ImplFn(_) => self.refuse_ty(
                ty,
                "functions as parameters",
                "write the body out in the loop",
            ),
            hir::Type::Refused(refusal) => {
                self.diags.refuse(refusal);
                None
            }
            hir::Type::Never(_) => self.refuse_ty(ty, "such types", "pass slices and scalars"),
        }
    }

    fn refuse_ty(&mut self, ty: &hir::Type, what: &str, help: &str) -> Option<ITy> {
        self.diags.report(
            Code::Type,
            ty.span(),
            format!("{what} cannot be captured by `#[jit]`"),
            help,
        );
        None
    }

    fn lower_reference(&mut self, reference: &hir::TypeReference) -> Option<ITy> {
        let mut elem = &*reference.elem;
        while let hir::Type::Paren(hir::TypeParen { elem: inner, .. })
        | hir::Type::Group(hir::TypeGroup { elem: inner, .. }) = elem
        {
            elem = inner;
        }
        let hir::Type::Slice(slice) = elem else {
            // The inner type is the more interesting problem, if it is one.
            let inner = self.lower_ty(elem)?;
            if matches!(inner, ITy::Scalar(_) | ITy::Param(_)) {
                let help = if reference.mutability {
                    "return the value, or pass a slice of one element"
                } else {
                    "pass the number by value"
                };
                self.diags.report(
                    Code::Type,
                    reference.and_token,
                    "references to single numbers cannot be captured by `#[jit]`",
                    help,
                );
            } else {
                self.diags.report(
                    Code::Type,
                    reference.and_token,
                    "this reference cannot be captured by `#[jit]`",
                    "pass slices `&[T]`, `&mut [T]` and scalars",
                );
            }
            return None;
        };
        let elem = self.lower_ty(&slice.elem)?;
        if !matches!(elem, ITy::Scalar(_) | ITy::Param(_) | ITy::Var(_)) {
            let (what, help) = match elem {
                ITy::Slice { .. } => (
                    "slices of slices",
                    "pass one slice, and index it by `i * n_cols + j`",
                ),
                _ => ("slices of tuples", "pass one slice for each component"),
            };
            return self.refuse_ty(&slice.elem, what, help);
        }
        Some(ITy::Slice {
            elem: Box::new(elem),
            mutable: reference.mutability,
        })
    }

    fn lower_ty_path(&mut self, ty: &hir::TypePath) -> Option<ITy> {
        if ty.qself.is_none()
            && let Some(known) = self.known_ty(&ty.path)
        {
            return Some(known);
        }
        let last = ty.path.segments.last()?;
        let name = last.ident.to_string();
        if let Some(known) = self.std_ty(last) {
            return known;
        }
        let help = match name.as_str() {
            "Vec" | "Box" | "VecDeque" | "Array" | "Array1" | "Array2" | "ArrayView1"
            | "ArrayView2" => "pass its values as a slice, `&[T]` or `&mut [T]`",
            "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" => "pass its values as a slice",
            "String" | "str" => "pass its bytes as a slice, `&[u8]` or `&mut [u8]`",
            "Option" | "Result" => "handle the case outside, or return a flag beside the value",
            "char" => "use its number, a `u32`",
            _ => "write a type alias out; pass the fields of a struct as scalars or slices",
        };
        self.diags.report(
            Code::Type,
            last.ident.span(),
            format!("`{name}` cannot be captured by `#[jit]`"),
            help,
        );
        None
    }

    /// `Option`, `Result` and `Ordering`. `None`: it is another type; `Some(None)`: reported.
    fn std_ty(&mut self, last: &hir::PathSegment) -> Option<Option<ITy>> {
        let args: Vec<&hir::Type> = match &last.arguments {
            hir::PathArguments::AngleBracketed(args) => (args.iter())
                .filter_map(|arg| match arg {
                    hir::GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        Some(match (last.ident.name.as_str(), args.as_slice()) {
            ("Option", [some]) => {
                let some = self.lower_ty(some);
                some.map(|some| ITy::Option(Box::new(some)))
            }
            ("Result", [ok, err]) => {
                let (ok, err) = (self.lower_ty(ok), self.lower_ty(err));
                ok.zip(err)
                    .map(|(ok, err)| ITy::Result(Box::new(ok), Box::new(err)))
            }
            ("Ordering", []) => Some(ITy::Ordering),
            _ => return None,
        })
    }

    /// The scalar type or type parameter that a path names, if it does.
    pub(super) fn known_ty(&self, path: &hir::Path) -> Option<ITy> {
        let mut segments = path.segments.iter().rev();
        let last = segments.next()?;
        if !last.arguments.is_none() {
            return None;
        }
        let name = last.ident.to_string();
        // `f64`, or `core::primitive::f64`.
        let qualified = path.segments.len() > 1;
        if qualified
            && segments
                .next()
                .is_none_or(|segment| segment.ident != "primitive")
        {
            return None;
        }
        let params = &self.current.type_params;
        if !qualified && let Some((_, meaning)) = params.iter().find(|(param, _)| *param == name) {
            return Some(meaning.clone());
        }
        ScalarTy::from_name(&name).map(ITy::Scalar)
    }
}
