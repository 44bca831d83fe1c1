//! Parameters, type parameters and the result.

use super::bounds::Bounds;
use super::diag::Code;
use super::infer::ITy;
use super::state::Lowering;
use crate::arena::Handle;
use crate::hir;
use crate::instance::TypeInfo;
use crate::ty::ScalarTy;

impl Lowering<'_> {
    pub(super) fn lower_signature(&mut self) {
        let signature = &self.current.item.sig;
        let refuse = |this: &mut Self, span, what: &str, help: &str| {
            this.diags.report(
                Code::Signature,
                span,
                format!("{what} cannot be jitted"),
                help,
            );
        };
        for refusal in &signature.refusals {
            self.diags.refuse(refusal);
        }
        if let Some(token) = signature.unsafety {
            refuse(
                self,
                token,
                "`unsafe` functions",
                "remove `unsafe`: a jitted body has no unsafe operations",
            );
        }
        self.lower_generics();
        self.infer.n_kept = match self.current.context {
            Some(context) if context.number > 0 => 0,
            _ => self.type_params.len(),
        };
        for input in &signature.inputs {
            match input {
                hir::FnArg::Receiver(receiver) => {
                    refuse(
                        self,
                        receiver.ident.span(),
                        "methods",
                        "make it a free function that takes the fields it needs",
                    );
                    self.bind_reported(&receiver.ident);
                }
                hir::FnArg::Typed(param) => self.lower_param(param),
            }
        }
        if let Some(ty) = &signature.output {
            match self.lower_ty(ty) {
                Some(result) if self.contains_slice(&result) => {
                    refuse(
                        self,
                        ty.span(),
                        "functions that return slices",
                        "write into a `&mut [T]` parameter",
                    );
                    self.current.result = ITy::REPORTED;
                }
                Some(result) => self.current.result = result,
                // Reported; the body is still looked at, with a result that agrees with everything.
                None => self.current.result = ITy::REPORTED,
            }
        }
    }

    /// Brings the type parameters of the current function into scope.
    pub(super) fn lower_generics(&mut self) {
        let generics = &self.current.item.sig.generics;
        let mut type_args = match self.current.context {
            Some(context) => context.instance().type_args.iter(),
            None => [].iter(),
        };
        for param in &generics.params {
            match param {
                hir::GenericParam::Type(param) => {
                    let name = param.ident.to_string();
                    let meaning = match type_args.next() {
                        None => self.push_type_param(name.clone(), &param.bounds, None),
                        Some(TypeInfo::Scalar(scalar)) => {
                            self.push_type_param(name.clone(), &param.bounds, Some(*scalar))
                        }
                        Some(other) => ITy::of_info(other).unwrap_or(ITy::REPORTED),
                    };
                    self.current.type_params.push((name, meaning));
                }
                hir::GenericParam::Const(param) => {
                    self.diags.report(
                        Code::Signature,
                        param.const_token,
                        "const parameters cannot be jitted",
                        "pass the number as a `usize` parameter",
                    );
                    self.bind_reported(&param.ident);
                }
            }
        }
        for predicate in &generics.predicates {
            if let hir::Type::Path(path) = &predicate.bounded_ty
                && let Some(ITy::Param(index)) = self.known_ty(&path.path)
                && let Some(bounds) = self.bounds.get_mut(index as usize)
            {
                bounds.add(&predicate.bounds);
            }
        }
    }

    /// A type parameter that is told apart from what it stands for.
    fn push_type_param(
        &mut self,
        name: String,
        bounds: &[hir::Path],
        bound: Option<ScalarTy>,
    ) -> ITy {
        self.type_params.push(name);
        let mut known = Bounds::default();
        known.add(bounds);
        self.bounds.push(known);
        self.infer.bound.push(bound);
        ITy::Param(self.type_params.len() as u32 - 1)
    }

    fn lower_param(&mut self, param: &hir::Param) {
        if let Some(refusal) = &param.refusal {
            self.diags.refuse(refusal);
        }
        let ty = self.lower_ty(&param.ty);
        if let Some(ty) = &ty
            && !matches!(ty, ITy::Scalar(_) | ITy::Param(_) | ITy::Slice { .. })
        {
            let what = if matches!(ty, ITy::Tuple(_)) {
                "tuples as parameters"
            } else {
                "parameters of this type"
            };
            self.diags.report(
                Code::Signature,
                param.ty.span(),
                format!("{what} cannot be jitted"),
                "pass each number as a parameter of its own",
            );
            self.bind_names_of(&param.pat);
            return;
        }
        let ty = ty.unwrap_or(ITy::REPORTED);
        let hir::Pat::Ident(pat) = &param.pat else {
            if let hir::Pat::Wild(span) = &param.pat {
                let local = self.push_local("_", ty, false, *span);
                self.params.push(local);
                return;
            }
            self.diags.report(
                Code::Pattern,
                param.pat.span(),
                "patterns in parameters cannot be captured by `#[jit]`",
                "name the parameter and take it apart in the body",
            );
            self.bind_names_of(&param.pat);
            return;
        };
        if let Some(token) = &pat.by_ref {
            self.refuse_by_ref(*token);
        }
        let local = self.push_local(pat.ident.to_string(), ty, pat.mutability, pat.ident.span());
        // Parameters are the first locals, unless a problem has been reported.
        debug_assert!(!self.diags.is_empty() || local == Handle::from_index(self.params.len()));
        self.params.push(local);
        self.bind(&pat.ident, local);
    }

    pub(super) fn contains_slice(&mut self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Slice { .. } => true,
            ITy::Tuple(elems) => elems.iter().any(|elem| self.contains_slice(elem)),
            ITy::Ref { .. } => true,
            ITy::Array { elem, .. } => self.contains_slice(&elem),
            ITy::Option(some) => self.contains_slice(&some),
            ITy::Result(ok, err) => self.contains_slice(&ok) || self.contains_slice(&err),
            ITy::Unit
            | ITy::Scalar(_)
            | ITy::Param(_)
            | ITy::Struct(_)
            | ITy::Enum(_)
            | ITy::Ordering
            | ITy::Str
            | ITy::Closure(_)
            | ITy::Fn(_)
            | ITy::Iter(_)
            | ITy::Var(_)
            | ITy::Unknown(_) => false,
        }
    }
}
