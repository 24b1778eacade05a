// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "memory_fixture.h"
#include "offsetstore/testing/store_contract.h"

using MemoryFixture = offsetstore::testing::MemoryFixture;
OFFSETSTORE_CONTRACT(MemoryFixture);
