//! Parameters that are arrays, and the two versions of a body: for rows that are contiguous, and for all strides.

use super::{Dim, View, ViewId};
use crate::arrays::{ArrayKind, ArrayName};
use crate::expr::{BinaryOp, ExprId, Place};
use crate::hir;
use crate::lower::infer::ITy;
use crate::lower::state::Lowering;

/// A parameter that is an array.
#[derive(Clone)]
pub(in crate::lower) struct ViewParam {
    elem: ITy,
    n_dims: usize,
    mutable: bool,
}

impl Lowering<'_> {
    /// What a parameter of this type is if it is an array: `Some(None)` if that has been reported.
    pub(in crate::lower) fn view_param(&mut self, ty: &hir::Type) -> Option<Option<ViewParam>> {
        match ty {
            hir::Type::Paren(inner) => self.view_param(&inner.elem),
            hir::Type::Group(inner) => self.view_param(&inner.elem),
            hir::Type::Reference(reference) => {
                let param = self.array_ty(&reference.elem, Some(reference.mutability))?;
                Some(param)
            }
            _ => self.array_ty(ty, None),
        }
    }

    /// `by_ref`: behind a reference that is `&mut`, or behind one that is not.
    fn array_ty(&mut self, ty: &hir::Type, by_ref: Option<bool>) -> Option<Option<ViewParam>> {
        let hir::Type::Path(path) = ty else {
            return None;
        };
        let last = path.path.segments.last()?;
        let hir::PathArguments::AngleBracketed(args) = &last.arguments else {
            return None;
        };
        if let Some(what) = ArrayName::refusal(&last.ident.name) {
            self.refuse_ty(
                ty,
                what,
                "take an `ArrayView2<T>` or `ArrayViewMut2<T>`, and pass `a.view()`, of an `ArrayD` `a.view().into_dimensionality::<Ix2>()`",
            );
            return Some(None);
        }
        let name = ArrayName::from_name(&last.ident.name)?;
        let mut types = args.iter().filter_map(|arg| match arg {
            hir::GenericArgument::Type(ty) => Some(ty),
            _ => None,
        });
        let elem = types.next()?;
        let n_dims = match name.n_dims {
            Some(n_dims) => n_dims,
            None => match types.next()? {
                hir::Type::Path(dim) => ArrayName::dims_of(&dim.path.segments.last()?.ident.name)?,
                _ => return None,
            },
        };
        let mutable = match (name.kind, by_ref) {
            (ArrayKind::View, _) => false,
            (ArrayKind::ViewMut, by_ref) => by_ref.unwrap_or(true),
            (ArrayKind::Owned, Some(mutable)) => mutable,
            (ArrayKind::Owned, None) => {
                self.refuse_ty(
                    ty,
                    "arrays by value",
                    "pass a reference to it, or a view: `a.view()`",
                );
                return Some(None);
            }
        };
        let elem = self.lower_memory_ty(elem);
        Some(elem.map(|elem| ViewParam {
            elem,
            n_dims,
            mutable,
        }))
    }

    /// Takes an array: the memory of its elements, the number of the first one in it, the lengths, the strides.
    pub(in crate::lower) fn receive_view(&mut self, param: ViewParam, span: hir::Span) -> ExprId {
        let ViewParam {
            elem,
            n_dims,
            mutable,
        } = param;
        let name = format!("${}", self.params.len());
        let memory = ITy::Slice {
            elem: Box::new(elem.clone()),
            mutable,
        };
        let slice = self.push_param(name.clone(), memory, false, span);
        let number = |this: &mut Self, what: String| {
            let local = this.push_param(format!("{name}_{what}"), ITy::USIZE, false, span);
            this.load_local(local, span)
        };
        let offset = number(self, "offset".to_owned());
        let lens: Vec<_> = (0..n_dims)
            .map(|axis| number(self, format!("len_{axis}")))
            .collect();
        let dims = (lens.into_iter().enumerate())
            .map(|(axis, len)| Dim {
                len,
                stride: Some(number(self, format!("stride_{axis}"))),
            })
            .collect();
        let view = View {
            slice,
            elem,
            mutable,
            offset: Some(offset),
            dims,
        };
        let id = self.push_view(view);
        self.view_params.push(id);
        self.push_expr(crate::expr::ExprKind::Zeroed, ITy::View(id), span)
    }

    /// Passes an array on to another function.
    pub(in crate::lower) fn pass_view(&mut self, arg: ExprId, out: &mut Vec<ExprId>) {
        let span = self.span_of(arg);
        let ITy::View(id) = self.infer.shallow(&self.ty_of(arg)) else {
            return out.push(arg);
        };
        self.discard(arg);
        let view = self.view(id);
        let memory = Place::local(view.slice);
        out.push(self.whole_slice(memory, view.elem.clone(), view.mutable, span));
        out.push(match view.offset {
            Some(offset) => self.copy_stable(offset),
            None => self.count(0, span),
        });
        for dim in &view.dims {
            out.push(self.copy_stable(dim.len));
        }
        for dim in &view.dims {
            out.push(match dim.stride {
                Some(stride) => self.copy_stable(stride),
                None => self.count(1, span),
            });
        }
    }

    /// Whether the body is worth two versions: it has arrays, and the code is for running.
    pub(in crate::lower) fn has_versions(&self) -> bool {
        self.current.context.is_some() && !self.view_params.is_empty()
    }

    /// Whether the elements of each row of all arrays are neighbours, and the first element is at the start.
    pub(in crate::lower) fn rows_are_contiguous(&mut self, span: hir::Span) -> ExprId {
        let mut all: Option<ExprId> = None;
        for ViewId(number) in self.view_params.clone() {
            let view = self.views[number].clone();
            let last = view.dims.last().and_then(|dim| dim.stride);
            for (part, expected) in [(last, 1), (view.offset, 0)] {
                let Some(part) = part else { continue };
                let lhs = self.copy_stable(part);
                let rhs = self.count(expected, span);
                let mut holds = self.binary(BinaryOp::Eq, lhs, rhs, span, span);
                if let Some(others) = all {
                    holds = self.binary(BinaryOp::BitAnd, others, holds, span, span);
                }
                all = Some(holds);
            }
        }
        all.unwrap_or_else(|| self.poison(span))
    }

    /// Runs with arrays of which that is known.
    pub(in crate::lower) fn with_contiguous_rows<R>(
        &mut self,
        run: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let views = self.views.clone();
        for ViewId(number) in &self.view_params {
            let view = &mut self.views[*number];
            view.offset = None;
            if let Some(last) = view.dims.last_mut() {
                last.stride = None;
            }
        }
        let result = run(self);
        // Views that were made meanwhile keep their numbers, though nobody uses them any more.
        self.views[..views.len()].clone_from_slice(&views);
        result
    }
}
