//! `#[derive(JitType)]`.

use hotloop_ir::ScalarTy;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::describe::{describe, write};
use crate::options::Problem;

/// Replaces `#[derive(JitType)] struct Point<T> { x: T, y: T }` by
///
/// ```text
/// unsafe impl<T> ::hotloop::__private::JitType for Point<T> {
///     fn describe() -> TypeInfo {
///         describe_struct::<Self>(&[("x", offset_of!(Self, x), || describe_param::<T>()), ..])
///     }
///     fn write(&self, out: &mut ConstWriter) { .. }
/// }
/// ```
///
/// # Errors
///
/// If the type has what compiled code cannot use.
pub(crate) fn expand(input: &syn::DeriveInput) -> Result<TokenStream, Vec<Problem>> {
    let (describe, write) = match &input.data {
        syn::Data::Struct(data) => of_struct(input, data)?,
        syn::Data::Enum(data) => of_enum(input, data)?,
        syn::Data::Union(data) => {
            return Err(vec![Problem::new(
                data.union_token.span,
                "unions cannot be used by jitted functions",
                "make it a struct",
            )]);
        }
    };
    let name = &input.ident;
    let (generics, args, where_clause) = input.generics.split_for_impl();
    Ok(quote! {
        // SAFETY: offsets, size and alignment are rustc's own, and each field describes itself.
        #[automatically_derived]
        unsafe impl #generics ::hotloop::__private::JitType for #name #args #where_clause {
            fn describe() -> ::hotloop::__private::TypeInfo {
                #describe
            }

            #[allow(unused_variables)]
            fn write(&self, __hotloop_out: &mut ::hotloop::__private::ConstWriter) {
                #write
            }
        }
    })
}

/// `repr(..)`, as far as it matters here.
#[derive(Default)]
struct Repr {
    scalar: Option<ScalarTy>,
    packed: Option<proc_macro2::Span>,
}

fn repr_of(input: &syn::DeriveInput) -> Repr {
    let mut repr = Repr::default();
    for attribute in &input.attrs {
        if !attribute.path().is_ident("repr") {
            continue;
        }
        // What cannot be read here, rustc reports.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("packed") {
                repr.packed = Some(meta.path.span());
            }
            if let Some(name) = meta.path.get_ident() {
                repr.scalar = repr
                    .scalar
                    .or(ScalarTy::from_name(&name.unraw().to_string()));
            }
            if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                let _: TokenStream = content.parse()?;
            }
            Ok(())
        });
    }
    repr
}

fn of_struct(
    input: &syn::DeriveInput,
    data: &syn::DataStruct,
) -> Result<(TokenStream, TokenStream), Vec<Problem>> {
    if let Some(packed) = repr_of(input).packed {
        return Err(vec![Problem::new(
            packed,
            "packed structs cannot be used by jitted functions",
            "remove `packed`",
        )]);
    }
    let params: Vec<Ident> = (input.generics.type_params())
        .map(|param| param.ident.clone())
        .collect();
    let mut described = Vec::new();
    let mut written = TokenStream::new();
    for (index, field) in data.fields.iter().enumerate() {
        let member = match &field.ident {
            Some(name) => name.to_token_stream(),
            None => syn::Index::from(index).to_token_stream(),
        };
        let name = match &field.ident {
            Some(name) => name.unraw().to_string(),
            None => index.to_string(),
        };
        let offset = quote!(::core::mem::offset_of!(Self, #member));
        let ty = describe(&field.ty, &params);
        described.push(quote!((#name, #offset, || #ty)));
        let write = write(&quote!(self.#member), &field.ty, &params);
        written.extend(quote! {
            __hotloop_out.at(#offset, |__hotloop_out| { #write });
        });
    }
    let describe = quote!(::hotloop::__private::describe_struct::<Self>(&[#(#described),*]));
    Ok((describe, written))
}

fn of_enum(
    input: &syn::DeriveInput,
    data: &syn::DataEnum,
) -> Result<(TokenStream, TokenStream), Vec<Problem>> {
    let problems: Vec<_> = (data.variants.iter())
        .filter(|variant| !matches!(variant.fields, syn::Fields::Unit))
        .map(|variant| {
            Problem::new(
                variant.fields.span(),
                "an enum whose variants have fields cannot be used by jitted functions",
                "use a struct with a field for each case, or an enum without fields beside the values",
            )
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let repr = match repr_of(input).scalar {
        Some(scalar) => {
            let ty = quote::format_ident!("{}", scalar_variant(scalar));
            quote!(::core::option::Option::Some(::hotloop::__private::ScalarTy::#ty))
        }
        None => quote!(::core::option::Option::None),
    };
    let variants = data.variants.iter().map(|variant| &variant.ident);
    let described = variants.clone().map(|variant| {
        let name = variant.unraw().to_string();
        quote!((#name, Self::#variant as ::core::primitive::i128))
    });
    let describe = quote!(::hotloop::__private::describe_enum::<Self>(#repr, &[#(#described),*]));
    if data.variants.is_empty() {
        return Ok((describe, TokenStream::new()));
    }
    let write = quote! {
        let __hotloop_value = match self {
            #(Self::#variants => Self::#variants as ::core::primitive::i128,)*
        };
        __hotloop_out.scalar(__hotloop_value.cast_unsigned(), ::core::mem::size_of::<Self>());
    };
    Ok((describe, write))
}

/// The name of the variant of `ScalarTy`.
fn scalar_variant(scalar: ScalarTy) -> String {
    let name = scalar.name();
    name[..1].to_uppercase() + &name[1..]
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn problems(input: &syn::DeriveInput) -> Vec<String> {
        let problems = expand(input).err().unwrap_or_default();
        problems
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn a_generic_struct() {
        let input = parse_quote! {
            struct Point<'a, T: Copy> where T: Clone {
                x: T,
                r#type: [(T, u8); 4],
                all: &'a [T],
                other: Vec3<T>,
            }
        };
        let tokens = expand(&input).unwrap();
        insta::assert_snapshot!(prettyplease::unparse(&syn::parse2(tokens).unwrap()));
    }

    #[test]
    fn what_has_no_values_of_fixed_layout_is_refused() {
        assert_eq!(
            problems(&parse_quote!(
                union Bits {
                    a: f32,
                    b: u32,
                }
            )),
            ["unions cannot be used by jitted functions"]
        );
        assert_eq!(
            problems(&parse_quote!(
                #[repr(C, packed(2))]
                struct Packed {
                    a: f32,
                }
            )),
            ["packed structs cannot be used by jitted functions"]
        );
        assert_eq!(
            problems(&parse_quote!(
                enum Shape {
                    Empty,
                    Circle(f64),
                    Square { side: f64 },
                }
            ))
            .len(),
            2
        );
    }
}
