// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The cases of the suite, each named by the rule of docs/contract.md that it proves.
#pragma once

/// What a read shows.
#define OFFSETSTORE_CONTRACT_READS(CASE, Fixture)                                                  \
  CASE(Fixture, C01Absent, "C01 what was never stored reads as absent, not as 0, not as an error") \
  CASE(Fixture, C01Zero, "C01 position 0 is a position")                                           \
  CASE(Fixture, C02Whole, "C02 an entry reads back whole")                                         \
  CASE(Fixture, C02Bytes, "C02 metadata is bytes, any of them")                                    \
  CASE(Fixture, C02Forgets, "C02 what a commit does not say about an entry is not known after it") \
  CASE(Fixture, C03Range, "C03 every position from 0 to 2^63-1 is kept exactly")                   \
  CASE(Fixture, C04Order, "C04 named partitions are answered in the order of the request")         \
  CASE(Fixture, C04Sorted, "C04 all of a group, or of a topic, comes sorted and complete")         \
  CASE(Fixture, C05CreatesNothing, "C05 a read creates nothing")                                   \
  CASE(Fixture, C07Unreadable, "C07 an unreadable partition is an error and hides no other")

/// What a commit does.
#define OFFSETSTORE_CONTRACT_COMMITS(CASE, Fixture)                                               \
  CASE(Fixture, C08Answered, "C08 every partition of a write is answered, in order")              \
  CASE(Fixture,                                                                                   \
       C09Durable,                                                                                \
       "C09 an acknowledged commit is seen by every store and after a restart")                   \
  CASE(Fixture, C09NoClose, "C09 what was acknowledged is there without a close")                 \
  CASE(Fixture, C11Monotone, "C11 an ordinary commit never moves a position backwards")           \
  CASE(Fixture, C11Claimed, "C11 a claimed commit never moves a position backwards either")       \
  CASE(Fixture, C12Rewind, "C12 a rewind moves either way, under a claim only")                   \
  CASE(Fixture, C13From, "C13 a commit from another position than is stored is a conflict")       \
  CASE(Fixture, C13Claimed, "C13 the same condition holds under a claim")                         \
  CASE(Fixture, C14Insert, "C14 a commit from absent inserts, once")                              \
  CASE(Fixture, C15Again, "C15 the same commit under the same claim is already applied")          \
  CASE(Fixture, C16Empty, "C16 an empty request is a no-op")                                      \
  CASE(Fixture, C17Twice, "C17 a partition twice in one call is refused, and nothing is written") \
  CASE(Fixture, C18Many, "C18 10 000 partitions fit one commit")                                  \
  CASE(Fixture, C19Malformed, "C19 a malformed request is refused, and nothing is written")

/// Groups, spaces, names, limits, lists.
#define OFFSETSTORE_CONTRACT_NAMES(CASE, Fixture)                                                  \
  CASE(Fixture, C20Groups, "C20 two groups on one topic do not see each other")                    \
  CASE(Fixture, C21Spaces, "C21 two spaces with one group do not see each other")                  \
  CASE(Fixture, C22Topics, "C22 topics of any shape never collide and come back exactly")          \
  CASE(Fixture, C22Groups, "C22 groups of any shape never collide and come back exactly")          \
  CASE(Fixture, C22Owners, "C22 owners of any shape come back exactly")                            \
  CASE(                                                                                            \
      Fixture, C23Outside, "C23 a name outside the store's domain is refused, nothing is written") \
  CASE(                                                                                            \
      Fixture, C24Limits, "C24 names and metadata at the limits pass, one byte beyond is refused") \
  CASE(Fixture, C24Metadata, "C24 metadata at its limit passes, one byte beyond is refused")       \
  CASE(Fixture, C25Lists, "C25 groups with a position are listed, sorted, once, page by page")     \
  CASE(Fixture, C25Hidden, "C25 a group with a claim only, or removed, is not listed")

/// The claim and its fence.
#define OFFSETSTORE_CONTRACT_CLAIMS(CASE, Fixture)                                                 \
  CASE(Fixture, C26Claim, "C26 a claim raises the counter and answers for each partition")         \
  CASE(Fixture, C27NoPosition, "C27 a claim without a position reads as absent")                   \
  CASE(Fixture, C28Owner, "C28 a claim shows its owner and the claim it followed")                 \
  CASE(Fixture, C28Restart, "C28 a claim and its owner are there after a restart")                 \
  CASE(Fixture,                                                                                    \
       C29Nobody,                                                                                  \
       "C29 a claim that expects nobody is granted only where nobody holds one")                   \
  CASE(Fixture,                                                                                    \
       C29Token,                                                                                   \
       "C29 a claim that expects a claim is granted only after exactly that one")                  \
  CASE(Fixture, C29Mixed, "C29 one refused claim does not stop the others")                        \
  CASE(Fixture, C30Fenced, "C30 a fenced writer moves nothing and learns who holds the claim")     \
  CASE(Fixture, C30Both, "C30 counter and nonce must both match")                                  \
  CASE(Fixture, C31Released, "C31 a released claim is fenced, its position stays")                 \
  CASE(                                                                                            \
      Fixture, C32Release, "C32 a release acts on the claim it names only, and twice is harmless") \
  CASE(Fixture, C32Nothing, "C32 a release where nothing was ever claimed creates nothing")        \
  CASE(Fixture, C33Unclaimed, "C33 a commit without a claim passes only where nobody holds one")   \
  CASE(Fixture, C33Start, "C33 a claim without a position keeps starters without a claim out")     \
  CASE(Fixture,                                                                                    \
       C34Updates,                                                                                 \
       "C34 a claimed commit only updates: without its claim it creates nothing")                  \
  CASE(Fixture, C35Counter, "C35 the counter never starts again")                                  \
  CASE(Fixture, C36Own, "C36 a refused claim that names your own nonce is your own earlier claim") \
  CASE(Fixture, C37Applied, "C37 a conditional claim settles a commit in doubt that was applied")  \
  CASE(Fixture,                                                                                    \
       C37NotApplied,                                                                              \
       "C37 a conditional claim settles a commit in doubt that was not applied")                   \
  CASE(Fixture, C37Takeover, "C37 after a takeover the conditional claim is fenced and robs nobody")

/// The operator's set and remove.
#define OFFSETSTORE_CONTRACT_OPERATOR(CASE, Fixture)                                              \
  CASE(Fixture, C38Set, "C38 a set moves a position either way, without a claim")                 \
  CASE(Fixture, C38Held, "C38 a set on a held partition fences the holder, who goes on after it") \
  CASE(Fixture, C38TwoSets, "C38 after two sets only a claim on the newer one is granted")        \
  CASE(Fixture, C38Same, "C38 a set to the stored position still fences the holder")              \
  CASE(Fixture, C39Claim, "C39 a set acts only on the claim its plan saw")                        \
  CASE(Fixture, C39From, "C39 a set acts only on the position its plan saw")                      \
  CASE(Fixture, C39Untouched, "C39 a refused set leaves the holder alone")                        \
  CASE(Fixture, C40Remove, "C40 a removed position is absent, and nothing of it is shown")        \
  CASE(Fixture, C40Nothing, "C40 removing what is not there is already applied")                  \
  CASE(Fixture, C40Held, "C40 a remove fences the holder")                                        \
  CASE(Fixture, C40ClaimOnly, "C40 a remove takes a claim without a position away too")           \
  CASE(Fixture, C41Plan, "C41 a remove acts only on what its plan saw")                           \
  CASE(Fixture, C41Mixed, "C41 one refused removal does not stop the others")

/// What one partition of a batch means for the others.
#define OFFSETSTORE_CONTRACT_ATOMIC(CASE, Fixture)                                                \
  CASE(Fixture, C42Each, "C42 each: a fenced and a conflicting partition do not stop the others") \
  CASE(Fixture, C43Everything, "C43 all: everything is applied where nothing is refused")         \
  CASE(Fixture, C43Fenced, "C43 all: one fenced partition refuses the batch")                     \
  CASE(Fixture, C43Conflict, "C43 all: one conflicting partition refuses the batch")              \
  CASE(Fixture, C43Again, "C43 all: what is already applied refuses nothing")                     \
  CASE(Fixture, C44Limit, "C44 an atomic batch at the limit passes, one beyond is refused")

/// What a store says about itself.
#define OFFSETSTORE_CONTRACT_CAPABILITIES(CASE, Fixture)                        \
  CASE(Fixture,                                                                 \
       C45Capabilities,                                                         \
       "C45 what a capability does not promise is Unsupported, never guessed")  \
  CASE(Fixture, C46Info, "C46 a store names itself, the same after every open") \
  CASE(Fixture, C46Errors, "C46 errors name the store and the operation")

/// Every order in which two owners can meet.
#define OFFSETSTORE_CONTRACT_INTERLEAVINGS(CASE, Fixture)                                     \
  CASE(Fixture, C47Commits, "C47 in every order of two owners only the newest claim commits") \
  CASE(Fixture,                                                                               \
       C47Releases,                                                                           \
       "C47 in every order of two owners a release acts on its own claim only")

/// Threads and stores at once.
#define OFFSETSTORE_CONTRACT_CONCURRENCY(CASE, Fixture)                                       \
  CASE(Fixture, C06Whole, "C06 readers see each commit whole or not at all")                  \
  CASE(Fixture, C14Race, "C14 of starters at the same time exactly one inserts")              \
  CASE(Fixture, C38Race, "C38 a set amid the commits of the holder stands")                   \
  CASE(Fixture, C48Threads, "C48 threads that commit different partitions lose nothing")      \
  CASE(Fixture, C48Stores, "C48 threads with a store each lose nothing either")               \
  CASE(Fixture, C49Threads, "C49 threads that fight for one claim form one chain of commits") \
  CASE(Fixture, C49Stores, "C49 stores that fight for one claim form one chain of commits")   \
  CASE(Fixture, C55Clocks, "C55 clocks decide nothing: the newest claim may be the oldest by clock")

/// Deadlines, stores that hang, close.
#define OFFSETSTORE_CONTRACT_DEADLINES(CASE, Fixture)                                          \
  CASE(Fixture, C52Passed, "C52 a call whose deadline has passed answers so and does nothing") \
  CASE(Fixture, C53Hangs, "C53 while the store hangs every call answers by its deadline")      \
  CASE(Fixture, C53Close, "C53 while the store hangs a close answers by its deadline")         \
  CASE(Fixture, C54Closed, "C54 after close every call is Unavailable")                        \
  CASE(Fixture, C54Others, "C54 one store's close leaves the others open")

/// Processes at once.
#define OFFSETSTORE_CONTRACT_PROCESSES(CASE, Fixture)                                         \
  CASE(Fixture, C10Killed, "C10 what a process was told is stored survives its kill -9")      \
  CASE(Fixture, C50Commit, "C50 processes that commit different partitions lose nothing")     \
  CASE(Fixture, C50Fight, "C50 processes that fight for one claim form one chain of commits") \
  CASE(Fixture, C50Fence, "C50 a claim of another process fences, in both directions")        \
  CASE(Fixture, C51Blocks, "C51 a process killed at any moment blocks nobody and tears nothing")

/// All of them: `CASE(Fixture, function, sentence)` for each.
#define OFFSETSTORE_CONTRACT_CASES(CASE, Fixture)   \
  OFFSETSTORE_CONTRACT_READS(CASE, Fixture)         \
  OFFSETSTORE_CONTRACT_COMMITS(CASE, Fixture)       \
  OFFSETSTORE_CONTRACT_NAMES(CASE, Fixture)         \
  OFFSETSTORE_CONTRACT_CLAIMS(CASE, Fixture)        \
  OFFSETSTORE_CONTRACT_OPERATOR(CASE, Fixture)      \
  OFFSETSTORE_CONTRACT_ATOMIC(CASE, Fixture)        \
  OFFSETSTORE_CONTRACT_CAPABILITIES(CASE, Fixture)  \
  OFFSETSTORE_CONTRACT_INTERLEAVINGS(CASE, Fixture) \
  OFFSETSTORE_CONTRACT_CONCURRENCY(CASE, Fixture)   \
  OFFSETSTORE_CONTRACT_DEADLINES(CASE, Fixture)     \
  OFFSETSTORE_CONTRACT_PROCESSES(CASE, Fixture)
