//! Patterns: what a `let` or `for` binds.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;

use super::diag::Code;
use super::infer::ITy;
use super::lower::Lowering;
use crate::expr::{ExprKind, Place, Projection};
use crate::func::LocalId;
use crate::stmt::StmtKind;

/// A pattern that can be captured.
pub(super) enum Pat<'p> {
    Wild(Span),
    Name {
        ident: &'p syn::Ident,
        mutable: bool,
    },
    Tuple(Vec<Pat<'p>>, Span),
}

impl Lowering<'_> {
    /// The pattern, with the type that is written after it, if it is one of ours; otherwise reports it.
    pub(super) fn lower_pat<'p>(&mut self, pat: &'p syn::Pat) -> Option<(Pat<'p>, Option<ITy>)> {
        Some(match pat {
            syn::Pat::Wild(wild) => (Pat::Wild(wild.underscore_token.span), None),
            syn::Pat::Ident(pat) => {
                if let Some(token) = &pat.by_ref {
                    self.refuse_by_ref(token.span);
                    return None;
                }
                if let Some((at, _)) = &pat.subpat {
                    self.refuse_pat(
                        at.span,
                        "`@` patterns",
                        "bind the value with a `let` of its own",
                    );
                    return None;
                }
                let ident = &pat.ident;
                let mutable = pat.mutability.is_some();
                (Pat::Name { ident, mutable }, None)
            }
            syn::Pat::Paren(inner) => return self.lower_pat(&inner.pat),
            syn::Pat::Type(typed) => {
                let ty = self.lower_ty(&typed.ty);
                let (pat, _) = self.lower_pat(&typed.pat)?;
                (pat, Some(ty?))
            }
            syn::Pat::Tuple(tuple) => {
                let elems: Vec<_> = tuple
                    .elems
                    .iter()
                    .map(|elem| Some(self.lower_pat(elem)?.0))
                    .collect();
                let elems = elems.into_iter().collect::<Option<Vec<_>>>()?;
                (Pat::Tuple(elems, tuple.span()), None)
            }
            syn::Pat::Reference(reference) => {
                self.refuse_pat(
                    reference.and_token.span,
                    "reference patterns",
                    "bind the name alone",
                );
                return None;
            }
            other => {
                self.refuse_pat(
                    other.span(),
                    "such patterns",
                    "bind a name or a tuple of names and test the value with `if`",
                );
                return None;
            }
        })
    }

    pub(super) fn refuse_pat(&mut self, span: Span, what: &str, help: &str) {
        self.diags.report(
            Code::Pattern,
            span,
            format!("{what} cannot be captured by `#[jit]`"),
            help,
        );
    }

    pub(super) fn refuse_by_ref(&mut self, span: Span) {
        self.refuse_pat(span, "`ref` bindings", "bind the value");
    }

    /// Binds the names of a pattern that was reported.
    pub(super) fn bind_names_of(&mut self, pat: &syn::Pat) {
        struct Names(Vec<syn::Ident>);
        impl VisitMut for Names {
            fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
                self.0.push(pat.ident.clone());
                syn::visit_mut::visit_pat_ident_mut(self, pat);
            }
        }
        let mut names = Names(Vec::new());
        names.visit_pat_mut(&mut pat.clone());
        for name in names.0 {
            self.bind_reported(&name);
        }
    }

    /// The type that a pattern has by its shape.
    pub(super) fn pat_ty(&mut self, pat: &Pat<'_>) -> ITy {
        match pat {
            Pat::Wild(_) | Pat::Name { .. } => self.infer.fresh(),
            Pat::Tuple(elems, _) => {
                ITy::Tuple(elems.iter().map(|elem| self.pat_ty(elem)).collect())
            }
        }
    }

    /// Binds the names of `pat` to parts of `place`, which nobody else changes.
    pub(super) fn bind_place(&mut self, pat: &Pat<'_>, place: Place, ty: &ITy) {
        match pat {
            Pat::Wild(_) => {}
            Pat::Name { ident, mutable } => {
                let span = ident.span();
                let value = self.push_expr(ExprKind::Load(place), ty.clone(), span);
                self.bind_value(ident, *mutable, value);
            }
            Pat::Tuple(elems, _) => {
                let ITy::Tuple(tys) = self.infer.shallow(ty) else {
                    return;
                };
                for (index, (elem, ty)) in elems.iter().zip(&tys).enumerate() {
                    let mut place = place.clone();
                    place.projections.push(Projection::Field(index as u32));
                    self.bind_place(elem, place, ty);
                }
            }
        }
    }

    /// A new variable with this value.
    pub(super) fn bind_value(
        &mut self,
        ident: &syn::Ident,
        mutable: bool,
        value: crate::ExprId,
    ) -> LocalId {
        let local = self.push_local(ident.to_string(), self.ty_of(value), mutable, ident.span());
        let place = Place::local(local);
        self.emit(StmtKind::Assign { place, value }, ident.span());
        self.bind(ident, local);
        local
    }
}
