//! Macros of ndarray, written out: what they expand to, or something that says the same.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Pat, Token};

/// What a macro means, if it is one of ndarray's.
pub(super) fn desugar(mac: &syn::Macro) -> Option<Expr> {
    let name = &mac.path.segments.last()?.ident;
    if name == "azip" {
        return Some(mac.parse_body::<Azip>().ok()?.written_out(name.span()));
    }
    // `s![a..b;k, i]` stands for a tuple of ranges and indices, which only lowering sees.
    let elems = if name == "s" {
        mac.parse_body_with(Slices::parse).ok()?.0
    } else {
        return None;
    };
    Some(Expr::Tuple(syn::ExprTuple {
        attrs: Vec::new(),
        paren_token: syn::token::Paren(name.span()),
        elems: elems.into_iter().collect(),
    }))
}

/// `azip!((index i, a in x, &b in y) body)`.
struct Azip {
    index: Option<Pat>,
    parts: Vec<(Pat, Expr)>,
    body: Expr,
}

impl Parse for Azip {
    fn parse(input: ParseStream<'_>) -> syn::Result<Azip> {
        let inside;
        syn::parenthesized!(inside in input);
        let mut index = None;
        let mut parts = Vec::new();
        while !inside.is_empty() {
            let is_index =
                inside.peek(Ident) && !inside.peek2(Token![in]) && !inside.peek2(Token![@]);
            if parts.is_empty() && index.is_none() && is_index {
                let word: Ident = inside.parse()?;
                if word != "index" {
                    return Err(syn::Error::new(word.span(), "expected `index`"));
                }
                index = Some(Pat::parse_single(&inside)?);
            } else {
                let pat = Pat::parse_single(&inside)?;
                inside.parse::<Token![in]>()?;
                parts.push((pat, inside.parse()?));
            }
            if inside.parse::<Option<Token![,]>>()?.is_none() {
                break;
            }
        }
        let body = input.parse()?;
        Ok(Azip { index, parts, body })
    }
}

impl Azip {
    fn written_out(self, span: Span) -> Expr {
        let Azip { index, parts, body } = self;
        let mut zip: Option<Expr> = None;
        let mut pats: Vec<Pat> = index.into_iter().collect();
        let start = Ident::new(if pats.is_empty() { "from" } else { "indexed" }, span);
        let and = Ident::new("and", span);
        for (pat, part) in parts {
            pats.push(pat);
            zip = Some(match zip {
                None => syn::parse_quote!(::ndarray::Zip::#start(#part)),
                Some(zip) => syn::parse_quote!(#zip.#and(#part)),
            });
        }
        let for_each = Ident::new("for_each", span);
        match zip {
            Some(zip) => syn::parse_quote!(#zip.#for_each(|#(#pats),*| #body)),
            None => body,
        }
    }
}

/// `a..b;k, i`: ranges with a step are `(a..b).step_by(k)`.
struct Slices(Vec<Expr>);

impl Parse for Slices {
    fn parse(input: ParseStream<'_>) -> syn::Result<Slices> {
        let mut elems = Vec::new();
        while !input.is_empty() {
            let elem: Expr = input.parse()?;
            elems.push(match input.parse::<Option<Token![;]>>()? {
                Some(semicolon) => {
                    let step: Expr = input.parse()?;
                    let step_by = Ident::new("step_by", semicolon.span);
                    syn::parse_quote!((#elem).#step_by(#step))
                }
                None => elem,
            });
            if input.parse::<Option<Token![,]>>()?.is_none() {
                break;
            }
        }
        if !input.is_empty() {
            return Err(input.error("expected `,`"));
        }
        Ok(Slices(elems))
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn shown(mac: syn::Macro) -> Option<String> {
        desugar(&mac).map(|expr| expr.to_token_stream().to_string())
    }

    #[test]
    fn macros_of_ndarray_are_written_out() {
        let same = |mac, expected: Expr| {
            assert_eq!(shown(mac), Some(expected.to_token_stream().to_string()));
        };
        same(
            syn::parse_quote!(azip!((a in &mut x, &b in y) *a += b)),
            syn::parse_quote!(
                ::ndarray::Zip::from(&mut x)
                    .and(y)
                    .for_each(|a, &b| *a += b)
            ),
        );
        same(
            syn::parse_quote!(azip!((index (i, j), a in x,) { *a = i + j; })),
            syn::parse_quote!(::ndarray::Zip::indexed(x).for_each(|(i, j), a| {
                *a = i + j;
            })),
        );
        same(
            syn::parse_quote!(s![1..n, ..;-2, k]),
            syn::parse_quote!((1..n, (..).step_by(-2), k)),
        );
        assert_eq!(shown(syn::parse_quote!(vec![1, 2])), None);
    }
}
