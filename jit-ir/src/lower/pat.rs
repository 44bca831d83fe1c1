//! Patterns: what a `let` or `for` binds.

use crate::hir::{self, Span};

use super::diag::Code;
use super::infer::ITy;
use super::state::Lowering;
use crate::expr::Place;
use crate::func::LocalId;
use crate::stmt::StmtKind;

/// A pattern that can be captured.
pub(super) enum Pat<'p> {
    Wild(Span),
    Name {
        ident: &'p hir::Ident,
        mutable: bool,
    },
    Tuple(Span),
}

impl Lowering<'_> {
    /// The pattern, with the type that is written after it, if it is one of ours; otherwise reports it.
    pub(super) fn lower_pat<'p>(&mut self, pat: &'p hir::Pat) -> Option<(Pat<'p>, Option<ITy>)> {
        Some(match pat {
            hir::Pat::Wild(span) => (Pat::Wild(*span), None),
            hir::Pat::Ident(pat) => {
                if let Some(token) = &pat.by_ref {
                    self.refuse_by_ref(*token);
                    return None;
                }
                if let Some((at, _)) = &pat.subpat {
                    self.refuse_pat(
                        *at,
                        "`@` patterns",
                        "bind the value with a `let` of its own",
                    );
                    return None;
                }
                let ident = &pat.ident;
                let mutable = pat.mutability;
                (Pat::Name { ident, mutable }, None)
            }
            hir::Pat::Paren(inner) => return self.lower_pat(&inner.pat),
            hir::Pat::Type(typed) => {
                let ty = self.lower_ty(&typed.ty);
                let (pat, _) = self.lower_pat(&typed.pat)?;
                (pat, Some(ty?))
            }
            hir::Pat::Tuple(tuple) => {
                let elems: Vec<_> = (tuple.elems.iter())
                    .map(|elem| self.lower_pat(elem))
                    .collect();
                if elems.iter().any(Option::is_none) {
                    return None;
                }
                (Pat::Tuple(tuple.span), None)
            }
            hir::Pat::Reference(reference) => {
                self.refuse_pat(
                    reference.and_token,
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
    pub(super) fn bind_names_of(&mut self, pat: &hir::Pat) {
        pat.for_each_ident(&mut |pat| self.bind_reported(&pat.ident));
    }

    /// A new variable with this value.
    pub(super) fn bind_value(
        &mut self,
        ident: &hir::Ident,
        mutable: bool,
        value: crate::ExprId,
    ) -> LocalId {
        let local = self.push_local(ident.to_string(), self.ty_of(value), mutable, ident.span());
        let place = Place::local(local);
        self.emit(StmtKind::Assign { place, value }, ident.span());
        self.note_held(local, value);
        self.bind(ident, local);
        local
    }
}
