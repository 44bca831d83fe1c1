//! Patterns.

use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::Converter;
use crate::hir;
use crate::lower::Code;

impl Converter {
    pub(super) fn pat(&mut self, pat: &syn::Pat) -> hir::Pat {
        self.nested(hir::Pat::Wild, |this| this.shallow_pat(pat))
    }

    /// A pattern that decides where the function goes on.
    pub(super) fn test(&mut self, pat: &syn::Pat) -> hir::Pat {
        let around = std::mem::replace(&mut self.in_test, true);
        let pat = self.pat(pat);
        self.in_test = around;
        pat
    }

    fn boxed_pat(&mut self, pat: &syn::Pat) -> Box<hir::Pat> {
        Box::new(self.pat(pat))
    }

    fn pats<'p>(&mut self, pats: impl IntoIterator<Item = &'p syn::Pat>) -> Vec<hir::Pat> {
        pats.into_iter().map(|pat| self.pat(pat)).collect()
    }

    fn pat_ident(&mut self, pat: &syn::PatIdent, span: hir::Span) -> hir::PatIdent {
        hir::PatIdent {
            by_ref: pat.by_ref.map(|token| self.node(token.span)),
            mutability: pat.mutability.is_some(),
            ident: self.ident(&pat.ident),
            subpat: (pat.subpat.as_ref())
                .map(|(at, pat)| (self.node(at.span), self.boxed_pat(pat))),
            span,
        }
    }

    fn shallow_pat(&mut self, pat: &syn::Pat) -> hir::Pat {
        let span = self.node_of(pat);
        match pat {
            syn::Pat::Const(pat) => hir::Pat::Expr(Box::new(self.const_block(pat, span))),
            syn::Pat::Ident(pat) => {
                // It may name a constant.
                let path = syn::ExprPath {
                    attrs: Vec::new(),
                    qself: None,
                    path: pat.ident.clone().into(),
                };
                self.nodes.values.insert(span.0, path);
                let is_upper = pat
                    .ident
                    .unraw()
                    .to_string()
                    .starts_with(char::is_uppercase);
                if self.in_test && pat.by_ref.is_none() && !is_upper {
                    (self.nodes.tested_bindings).push((span.0, pat.ident.clone()));
                }
                hir::Pat::Ident(self.pat_ident(pat, span))
            }
            syn::Pat::Lit(pat) => hir::Pat::Lit(hir::ExprLit {
                lit: self.lit(&pat.lit),
                span,
            }),
            syn::Pat::Or(pat) => hir::Pat::Or(hir::PatOr {
                cases: self.pats(&pat.cases),
                span,
            }),
            syn::Pat::Paren(pat) => hir::Pat::Paren(hir::PatParen {
                pat: self.boxed_pat(&pat.pat),
                span,
            }),
            syn::Pat::Path(pat) => hir::Pat::Path(self.expr_path(pat.qself.as_ref(), &pat.path)),
            syn::Pat::Range(pat) => hir::Pat::Range(hir::PatRange {
                start: pat.start.as_ref().map(|start| self.boxed_expr(start)),
                limits: self.range_limits(&pat.limits),
                end: pat.end.as_ref().map(|end| self.boxed_expr(end)),
                span,
            }),
            syn::Pat::Reference(pat) => hir::Pat::Reference(hir::PatReference {
                and_token: self.node(pat.and_token.span),
                mutability: pat.mutability.is_some(),
                pat: self.boxed_pat(&pat.pat),
                span,
            }),
            syn::Pat::Rest(_) => hir::Pat::Rest(span),
            syn::Pat::Slice(pat) => hir::Pat::Slice(hir::PatSlice {
                elems: self.pats(&pat.elems),
                span,
            }),
            syn::Pat::Struct(pat) => hir::Pat::Struct(hir::PatStruct {
                path: self.expr_path(pat.qself.as_ref(), &pat.path),
                fields: (pat.fields.iter())
                    .map(|field| hir::FieldPat {
                        member: self.member(&field.member),
                        pat: self.pat(&field.pat),
                    })
                    .collect(),
                rest: pat.rest.as_ref().map(|rest| self.node_of(rest)),
                span,
            }),
            syn::Pat::Tuple(pat) => hir::Pat::Tuple(hir::PatTuple {
                elems: self.pats(&pat.elems),
                span,
            }),
            syn::Pat::TupleStruct(pat) => hir::Pat::TupleStruct(hir::PatTupleStruct {
                path: self.expr_path(pat.qself.as_ref(), &pat.path),
                elems: self.pats(&pat.elems),
                span,
            }),
            syn::Pat::Type(pat) => hir::Pat::Type(hir::PatType {
                pat: self.boxed_pat(&pat.pat),
                ty: Box::new(self.ty(&pat.ty)),
                span,
            }),
            syn::Pat::Wild(pat) => hir::Pat::Wild(self.node(pat.underscore_token.span)),
            _ => self.refused_pat(pat),
        }
    }

    fn refused_pat(&mut self, pat: &syn::Pat) -> hir::Pat {
        hir::Pat::Refused(self.refusal(
            Code::Pattern,
            pat.span(),
            "such patterns",
            "bind a name or a tuple of names and test the value with `if`",
        ))
    }
}
