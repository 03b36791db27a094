//! Builds the runtime a second time, to WASM, and embeds it.

fn main() {
    // Lints see our crates when they are compiled natively; the compiler for WASM may be another.
    #[cfg(feature = "std")]
    std::env::remove_var("RUSTC_WORKSPACE_WRAPPER");

    #[cfg(all(feature = "std", feature = "metadata-hash"))]
    substrate_wasm_builder::WasmBuilder::init_with_defaults()
        .enable_metadata_hash("NEURO", 12)
        .build();

    #[cfg(all(feature = "std", not(feature = "metadata-hash")))]
    substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
