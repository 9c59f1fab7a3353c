# Shortcuts; the logic is in the program and in xtask.

.PHONY: demo test lint docs bench real fuzz soak

demo: ## Build, start the sandbox, sign and broadcast on every chain, show the result
	cargo run --quiet --locked --profile demo -p tatum-kms --no-default-features -- demo

test: ## Run everything that CI runs
	cargo run --quiet --locked -p xtask -- ci

lint:
	cargo run --quiet --locked -p xtask -- lint

bench: ## Measure speed, as ratios to a raw signature, a key derivation, an fsync
	cargo bench --locked --workspace

real: ## Install the nodes and SDKs that tests use in target/real
	cargo run --quiet --locked -p xtask -- real

docs: ## Regenerate the generated parts of the documents
	cargo run --quiet --locked -p xtask -- docs

fuzz: ## Fuzz every decoder for a minute, with a nightly compiler
	cargo run --quiet --locked -p xtask -- fuzz

soak: ## Run the daemon under faults and kills for five minutes, or KMS_SOAK_SECONDS
	cargo run --quiet --locked -p xtask -- soak
