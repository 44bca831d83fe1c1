//! The parts of a pattern, each with its part of the [`Subject`], and the names that it binds.

use super::binding::Binding;
use super::diag::Code;
use super::infer::{ITy, Unknown};
use super::matching::Join;
use super::state::{Lowering, Value};
use super::subject::{Mode, Subject};
use super::types::field_index;
use crate::expr::{ExprId, ExprKind};
use crate::hir::{self, Span};

impl Lowering<'_> {
    /// The patterns inside a pattern, each with its part of the subject. `None`: reported.
    pub(super) fn parts<'p>(
        &mut self,
        pat: &'p hir::Pat,
        subject: &Subject,
    ) -> Option<Vec<(&'p hir::Pat, Subject)>> {
        let span = pat.span();
        let ty = self.subject_ty(subject);
        if matches!(ty, ITy::Unknown(_)) {
            return Some(self.unknown_parts(pat, &ty));
        }
        if let ITy::DataEnum(info) = &ty {
            return self.variant_parts(pat, info, subject);
        }
        match pat {
            hir::Pat::Tuple(tuple) => {
                let arity = match &ty {
                    ITy::Tuple(elems) => elems.len(),
                    ITy::Struct(info) => info.fields.len(),
                    ITy::Unit if tuple.elems.is_empty() => return Some(Vec::new()),
                    ITy::Var(_) => {
                        let has_rest = tuple.elems.iter().any(is_rest);
                        let elems = (tuple.elems.iter()).map(|_| self.infer.fresh()).collect();
                        if !has_rest {
                            self.expect_ty(&ty, &ITy::Tuple(elems), span);
                        }
                        tuple.elems.len()
                    }
                    _ => {
                        self.unmatched(pat, subject, "a tuple");
                        return None;
                    }
                };
                self.positional(&tuple.elems, arity, subject, span)
            }
            hir::Pat::TupleStruct(tuple) => {
                let name = (tuple.path.path.segments.last()?).ident.name.as_str();
                let payload = match (name, &ty) {
                    ("Some", ITy::Option(some)) => Some((1, (**some).clone())),
                    ("Ok", ITy::Result(ok, _)) => Some((1, (**ok).clone())),
                    ("Err", ITy::Result(_, err)) => Some((2, (**err).clone())),
                    _ => None,
                };
                if let Some((index, ty)) = payload {
                    let [inner] = tuple.elems.as_slice() else {
                        self.unmatched(pat, subject, "one value");
                        return None;
                    };
                    let part = self.subject_field(subject, index, ty, span);
                    return Some(vec![(inner, part)]);
                }
                let ITy::Struct(info) = &ty else {
                    self.unmatched(pat, subject, "this");
                    return None;
                };
                self.positional(&tuple.elems, info.fields.len(), subject, span)
            }
            hir::Pat::Struct(pat) => {
                let ITy::Struct(info) = &ty else {
                    self.diags.report(
                        Code::Pattern,
                        span,
                        "this pattern cannot be captured by `#[jit]`",
                        "match on structs with named fields, tuples and numbers",
                    );
                    return None;
                };
                let mut parts = Vec::new();
                for field in &pat.fields {
                    let name = member_name(&field.member);
                    let Some((index, ty)) = field_index(info, &name) else {
                        continue;
                    };
                    let part = self.subject_field(subject, index, ty, span);
                    parts.push((&field.pat, part));
                }
                Some(parts)
            }
            _ => {
                self.unmatched(pat, subject, "this");
                None
            }
        }
    }

    /// The patterns inside of a pattern, of a type that only rustc knows; the names are bound all the same.
    fn unknown_parts<'p>(&mut self, pat: &'p hir::Pat, base: &ITy) -> Vec<(&'p hir::Pat, Subject)> {
        let span = pat.span();
        // How many elements a `..` stands for, only rustc knows.
        let numbered = |pats: &'p [hir::Pat]| -> Vec<(&'p hir::Pat, Option<String>)> {
            let rest = pats.iter().position(is_rest).unwrap_or(pats.len());
            (pats.iter().enumerate())
                .map(|(index, pat)| (pat, (index < rest).then(|| index.to_string())))
                .collect()
        };
        let (inner, path) = match pat {
            hir::Pat::Tuple(pat) => (numbered(&pat.elems), None),
            hir::Pat::TupleStruct(pat) => (numbered(&pat.elems), Some(pat.path.span())),
            hir::Pat::Slice(pat) => (pat.elems.iter().map(|pat| (pat, None)).collect(), None),
            hir::Pat::Struct(pat) => {
                let fields = pat.fields.iter();
                let fields = fields.map(|field| (&field.pat, Some(member_name(&field.member))));
                (fields.collect(), Some(pat.path.span()))
            }
            _ => (Vec::new(), None),
        };
        let mut parts = Vec::new();
        for (pat, name) in inner {
            let part = match (name, path) {
                (Some(name), Some(path)) => {
                    let ty = Unknown::Payload(base.clone(), path, name);
                    let ty = self.infer.unknown(ty);
                    self.push_expr(ExprKind::Zeroed, ty, span)
                }
                _ => self.poison(span),
            };
            parts.push((pat, Subject::Value(part)));
        }
        parts
    }

    /// Patterns of the elements of a tuple or tuple struct, with a `..` among them, perhaps.
    fn positional<'p>(
        &mut self,
        pats: &'p [hir::Pat],
        arity: usize,
        subject: &Subject,
        span: Span,
    ) -> Option<Vec<(&'p hir::Pat, Subject)>> {
        let ty = self.subject_ty(subject);
        let rest = pats.iter().position(is_rest);
        let fits = match rest {
            None => pats.len() == arity,
            Some(_) => pats.len() <= arity + 1,
        };
        if !fits {
            let shown = self.show(&ty);
            self.diags.report(
                Code::Mismatch,
                span,
                format!("this pattern has another number of elements than `{shown}`"),
                "name each element, or leave some out with `..`",
            );
            return None;
        }
        let mut parts = Vec::new();
        for (at, pat) in pats.iter().enumerate() {
            let index = match rest {
                Some(rest) if at == rest => continue,
                Some(rest) if at > rest => arity - (pats.len() - at),
                _ => at,
            };
            let part = match &ty {
                ITy::Tuple(tys) => {
                    let ty = tys.get(index)?.clone();
                    self.subject_field(subject, index as u32, ty, span)
                }
                ITy::Struct(info) => {
                    let (name, ..) = info.fields.get(index)?;
                    let (index, ty) = field_index(info, name)?;
                    self.subject_field(subject, index, ty, span)
                }
                _ => return None,
            };
            parts.push((pat, part));
        }
        Some(parts)
    }

    pub(super) fn unmatched(
        &mut self,
        pat: &hir::Pat,
        subject: &Subject,
        what: &str,
    ) -> Option<ExprId> {
        let ty = self.subject_ty(subject);
        if !self.is_reported(&ty) && self.diags.is_empty() {
            let shown = self.show(&ty);
            self.diags.report(
                Code::Mismatch,
                pat.span(),
                format!("a value of type `{shown}` is not {what}"),
                "match on numbers, tuples, structs, `Option` and `Result`",
            );
        }
        None
    }

    /// Whether an identifier in a pattern names a constant: those of other items, and `None`, start with an uppercase letter. Not where every value
    /// matches, as a constant is not matched by all: `let PI = ..`.
    pub(super) fn is_constant_pattern(&self, pat: &hir::PatIdent) -> bool {
        if self.irrefutable || pat.by_ref.is_some() || pat.mutability || pat.subpat.is_some() {
            return false;
        }
        match self.lookup_binding(&pat.ident) {
            Some(Binding::Local(local)) => self.constants.contains(&local),
            Some(Binding::Alias(_)) | None => Self::is_item_name(&pat.ident.name),
        }
    }

    /// Binds the names of a pattern that all values match.
    pub(super) fn bind_irrefutable(&mut self, pat: &hir::Pat, subject: &Subject) {
        let outer = std::mem::replace(&mut self.irrefutable, true);
        self.bind_pattern(pat, subject, Mode::Move);
        self.irrefutable = outer;
    }

    /// Binds the names of a pattern that matches.
    pub(super) fn bind_pattern(&mut self, pat: &hir::Pat, subject: &Subject, mode: Mode) {
        let span = pat.span();
        match pat {
            hir::Pat::Paren(inner) => self.bind_pattern(&inner.pat, subject, mode),
            hir::Pat::Type(typed) => self.bind_pattern(&typed.pat, subject, mode),
            hir::Pat::Ident(pat) if !self.is_constant_pattern(pat) => {
                let mode = match &pat.by_ref {
                    Some(_) => Mode::Ref {
                        mutable: pat.mutability,
                    },
                    None => mode,
                };
                let mutable = pat.by_ref.is_none() && pat.mutability;
                self.bind_subject(&pat.ident, mutable, subject, mode);
                if let Some((_, inner)) = &pat.subpat {
                    self.bind_pattern(inner, subject, mode);
                }
            }
            hir::Pat::Or(or) => {
                let mut binds = false;
                pat.for_each_ident(&mut |ident| binds |= !self.is_constant_pattern(ident));
                if binds {
                    self.bind_alternatives(or, subject, mode);
                }
            }
            hir::Pat::Slice(slice) => {
                if let Some((subject, mode)) = self.subject_behind(subject, span) {
                    return self.bind_pattern(pat, &subject, mode);
                }
                self.bind_slice_pattern(slice, subject, mode, false);
            }
            hir::Pat::Reference(reference) => {
                if let Some(slice) = self.slice_behind(reference, subject) {
                    self.bind_slice_pattern(slice, subject, Mode::Move, true);
                } else if let Some((subject, _)) = self.subject_behind(subject, span) {
                    self.bind_pattern(&reference.pat, &subject, Mode::Move);
                } else {
                    self.bind_names_of(&reference.pat);
                }
            }
            hir::Pat::Tuple(_) | hir::Pat::TupleStruct(_) | hir::Pat::Struct(_) => {
                if let Some((subject, mode)) = self.subject_behind(subject, span) {
                    return self.bind_pattern(pat, &subject, mode);
                }
                match self.parts(pat, subject) {
                    Some(parts) => {
                        for (inner, part) in parts {
                            self.bind_pattern(inner, &part, mode);
                        }
                    }
                    None => self.bind_names_of(pat),
                }
            }
            hir::Pat::Ident(_)
            | hir::Pat::Wild(_)
            | hir::Pat::Rest(_)
            | hir::Pat::Lit(_)
            | hir::Pat::Path(_)
            | hir::Pat::Range(_)
            | hir::Pat::Expr(_)
            | hir::Pat::Refused(_) => {}
        }
    }

    /// Binds the names of alternatives that match, each of which has all of them: to what the first that matches has for them.
    fn bind_alternatives(&mut self, or: &hir::PatOr, subject: &Subject, mode: Mode) {
        let span = or.span;
        let mut names: Vec<(&hir::Ident, bool)> = Vec::new();
        if let Some(first) = or.cases.first() {
            first.for_each_ident(&mut |pat| {
                if !self.is_constant_pattern(pat) {
                    names.push((&pat.ident, pat.by_ref.is_none() && pat.mutability));
                }
            });
        }
        let mut joins: Vec<Join> = names.iter().map(|_| Join::default()).collect();
        // Each case is the `else` of the one before it.
        let mut branches = Vec::new();
        for (index, case) in or.cases.iter().enumerate() {
            // The pattern matches, so the last case does if no other does.
            let test = match index + 1 == or.cases.len() {
                true => None,
                false => self.pattern_test(case, subject, mode),
            };
            let ((), stmts) = self.in_frame(|this| {
                this.in_scope(|this| {
                    this.bind_pattern(case, subject, mode);
                    for ((name, _), join) in names.iter().zip(&mut joins) {
                        let value = match this.lookup_binding(name) {
                            Some(Binding::Local(local)) => this.load_local(local, span),
                            Some(Binding::Alias(value)) => this.copy_stable(value),
                            None => this.poison(span),
                        };
                        this.join(join, Value::Expr(value), span);
                    }
                });
            });
            branches.push((test, stmts));
            if test.is_none() {
                break;
            }
        }
        let mut otherwise = Vec::new();
        for (test, stmts) in branches.into_iter().rev() {
            otherwise = match test {
                None => stmts,
                Some(test) => {
                    let ((), branch) =
                        self.in_frame(|this| this.emit_branch(test, stmts, otherwise, span));
                    branch
                }
            };
        }
        self.emit_all(otherwise);
        for ((name, mutable), join) in names.into_iter().zip(&joins) {
            match self.joined(join, span) {
                Value::Expr(value) => {
                    self.bind_value(name, mutable, value);
                }
                Value::Unit | Value::Never => self.bind_reported(name),
            }
        }
    }

    fn bind_subject(&mut self, ident: &hir::Ident, mutable: bool, subject: &Subject, mode: Mode) {
        let span = ident.span();
        let value = match mode {
            Mode::Move => self.subject_value(subject, span),
            Mode::Ref { mutable } => self.subject_ref(subject, mutable, span),
        };
        if matches!(mode, Mode::Ref { .. }) && self.has_own_state(value) {
            self.refuse_held_closure(span);
        }
        if !mutable && self.is_stable(value) {
            self.bind_as(ident, Binding::Alias(value));
            return;
        }
        self.bind_value(ident, mutable, value);
    }
}

pub(super) fn is_rest(pat: &hir::Pat) -> bool {
    matches!(pat, hir::Pat::Rest(_))
}

pub(super) fn member_name(member: &hir::Member) -> String {
    match member {
        hir::Member::Named(ident) => ident.name.clone(),
        hir::Member::Unnamed(index) => index.index.to_string(),
    }
}
